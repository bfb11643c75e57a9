import { defineContract } from '@holdfast/core/contract'
import { z } from 'zod'

export const contract = defineContract({
  channels: {
    'room:{id}': {
      events: {
        message: z.object({ text: z.string().min(1).max(2_000) }),
        typing: z.object({ name: z.string() }),
      },
    },
    'room:lobby': { events: { notice: z.string() } },
  },
})
