/** What every binding does, whatever its framework: a topic a file. */
import { afterEach, describe, expect, it } from 'vitest'
import type { Binding } from './binding.ts'
import { channelCases } from './channels.ts'
import { messageCases } from './messages.ts'
import { optimisticCases } from './optimistic.ts'
import { publishCases } from './publishing.ts'
import { serverCases } from './server-rendering.ts'

/** Cases that every binding runs. A binding that ran fewer would not be tested. */
const CASES = 36

export function bindingSuite(binding: Binding): void {
  describe(`the ${binding.name} binding`, () => {
    let count = 0
    afterEach(async () => {
      count++
      await binding.cleanUp()
    })

    channelCases(binding)
    messageCases(binding)
    optimisticCases(binding)
    publishCases(binding)
    serverCases(binding)

    it(`ran all cases (${binding.name})`, () => {
      expect(count).toBe(CASES)
    })
  })
}
