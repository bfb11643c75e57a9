// For the size check alone: what an application's build makes of the published modules, whose runes are no JavaScript.
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig, type UserConfig } from 'vite'

const config: UserConfig = defineConfig({
  plugins: [svelte({ configFile: false })],
  logLevel: 'warn',
  build: {
    lib: { entry: 'dist/index.js', formats: ['es'], fileName: 'svelte' },
    outDir: '../../node_modules/.cache/size',
    emptyOutDir: false,
    rolldownOptions: { external: [/^svelte(\/|$)/, '@holdfast/core'] },
  },
})

export default config
