import { withContract } from '@holdfast/vue'
import type { contract } from '../concepts/contracts/contract.ts'

export const { useChannel, useMessages, usePublish, Channel } = withContract<typeof contract>()
