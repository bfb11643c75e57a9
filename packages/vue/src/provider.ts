import type { Client } from '@holdfast/core'
import { hasInjectionContext, type InjectionKey, inject, markRaw, type ObjectPlugin } from 'vue'

const CLIENT: InjectionKey<Client> = Symbol('holdfast')

export interface HoldfastOptions {
  /** Made by the application, once, and closed by it: the plugin neither connects nor closes it. */
  readonly client: Client
}

/**
 * Gives an app's components and stores their client.
 *
 * @example
 * createApp(App).use(holdfast, { client }).mount('#app')
 */
export const holdfast: ObjectPlugin<[HoldfastOptions]> = {
  install(app, { client }) {
    app.provide(CLIENT, markRaw(client))
  },
}

/** The client of the app. Throws where there is none, and where no app is known. */
export function useHoldfast(): Client {
  if (!hasInjectionContext())
    throw new Error('Holdfast composables belong in setup(), a store of the app or app.runWithContext().')
  const client = inject(CLIENT, null)
  if (!client) throw new Error('Holdfast composables need app.use(holdfast, { client }).')
  return client
}
