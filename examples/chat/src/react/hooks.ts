import { withContract } from '@holdfast/react'
import type { ChatContract } from '../shared/contract.ts'

export const { useMessages, usePublish } = withContract<ChatContract>()
