import { defineContract } from '@holdfast/core/contract'
import { type } from 'arktype'
import * as v from 'valibot'
import { z } from 'zod'

export const contract = defineContract({
  channels: {
    orders: { events: { paid: z.object({ id: z.string(), total: z.number() }) } },
    'stock:{article}': { events: { changed: v.object({ left: v.pipe(v.number(), v.minValue(0)) }) } },
    'track:{order}': { events: { moved: type({ lat: 'number', long: 'number' }) } },
  },
})
