import type { Gap } from '@holdfast/core'

/** What a gap means to the reader, in one sentence. */
export function gapText({ reason, from, to }: Gap): string {
  const count = from === null || to === null ? null : to - from + 1
  const some = count === null ? 'Some messages' : count === 1 ? '1 message' : `${count} messages`
  const are = count === 1 ? 'is' : 'are'
  switch (reason) {
    case 'retention':
      return `${some} ${are} no longer kept.`
    case 'lost-tail':
      return `${some} ${count === 1 ? 'was' : 'were'} lost by the server.`
    case 'not-kept':
      return `${some} passed while you were away; this room keeps none.`
    case 'deleted':
      return 'The room was deleted and begins anew.'
    case 'storage-lost':
      return 'This browser lost what it had kept; some messages may be missing.'
    case 'reset':
    case 'source':
    case 'too-far':
      return 'Some messages may be missing here.'
  }
}
