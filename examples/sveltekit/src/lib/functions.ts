import { withContract } from '@holdfast/svelte'
import type { RoomContract } from './room.ts'

export const { useMessages, usePublish } = withContract<RoomContract>()
