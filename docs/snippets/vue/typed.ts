import { withContract } from '@holdfast/vue'
import type { contract } from '../contract.ts'

export const { useChannel, useMessages, usePublish, Channel } = withContract<typeof contract>()
