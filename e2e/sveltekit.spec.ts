import { testRenderedRoom } from './fixtures/rendered-room.ts'

testRenderedRoom('SvelteKit', 'sveltekit')
