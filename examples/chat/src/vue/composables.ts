import { withContract } from '@holdfast/vue'
import type { ChatContract } from '../shared/contract.ts'

export const { useMessages, usePublish } = withContract<ChatContract>()
