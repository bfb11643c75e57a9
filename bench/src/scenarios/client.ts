import type { Scenario } from '../scenario.ts'
export const client: Scenario = () => []
