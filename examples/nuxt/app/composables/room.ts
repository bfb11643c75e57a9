import { withContract } from '@holdfast/vue'
import type { RoomContract } from '#shared/room'

export const { useMessages, usePublish } = withContract<RoomContract>()
