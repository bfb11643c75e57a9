import { withContract } from '@holdfast/svelte'
import type { contract } from '../contract.ts'

export const { useChannel, useMessages, usePublish, channelStore, Channel } = withContract<typeof contract>()
