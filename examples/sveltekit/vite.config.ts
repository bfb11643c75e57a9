import adapter from '@sveltejs/adapter-node'
import { sveltekit } from '@sveltejs/kit/vite'
import { defineConfig } from 'vite'
import { hubInDev } from './hub-in-dev.ts'

export default defineConfig({
  plugins: [
    sveltekit({
      adapter: adapter({ precompress: false }),
      // One page: no other version of it would be asked for.
      version: { pollInterval: 0 },
    }),
    hubInDev(),
  ],
  build: { reportCompressedSize: false },
})
