export default defineNuxtConfig({
  compatibilityDate: '2026-01-01',
  css: ['~/assets/styles.css'],
  app: {
    head: {
      title: 'Lobby',
      htmlAttrs: { lang: 'en' },
      link: [{ rel: 'icon', href: 'data:,' }],
      meta: [
        { name: 'description', content: 'A room that is rendered on the server and goes on in the browser.' },
      ],
    },
  },
  // `server.ts` listens; Nuxt gives it a handler, for its files too.
  nitro: { preset: 'node-listener', serveStatic: true },
  telemetry: false,
  devtools: { enabled: false },
  sourcemap: false,
  // One page: nothing that it would be compared with or routed by.
  experimental: { appManifest: false },
})
