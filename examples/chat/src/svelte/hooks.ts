import { withContract } from '@holdfast/svelte'
import type { ChatContract } from '../shared/contract.ts'

export const { useMessages, usePublish } = withContract<ChatContract>()
