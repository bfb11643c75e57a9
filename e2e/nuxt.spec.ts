import { testRenderedRoom } from './fixtures/rendered-room.ts'

testRenderedRoom('Nuxt', 'nuxt')
