import type { Client } from '@holdfast/core'
import { getContext, setContext } from 'svelte'
import { type MaybeGetter, toValue } from './getter.ts'

interface Provided {
  readonly client: MaybeGetter<Client>
  /** Whether who reads now has to find what a server's page shows. */
  isServers(): boolean
}

const CONTEXT = Symbol('holdfast')

/** Gives the components below this one their client. Each takes it when it is set up, and keeps it. */
export function provideHoldfast(client: MaybeGetter<Client>): void {
  let isServer = true
  let isMounted = $state(false)
  // On a server neither runs; elsewhere the first one at once, the second one when the page stands.
  $effect.pre(() => {
    isServer = false
  })
  $effect(() => {
    isMounted = true
  })
  setContext<Provided>(CONTEXT, {
    client,
    isServers: () => isServer || ($effect.tracking() && !isMounted),
  })
}

export function useProvided(): Provided {
  const provided = getContext<Provided | undefined>(CONTEXT)
  if (provided) return provided
  throw new Error(
    'Holdfast needs <HoldfastProvider {client}> or provideHoldfast(client) above this component.',
  )
}

/** The client of the nearest provider. Throws where there is none. */
export function useHoldfast(): Client {
  return toValue(useProvided().client)
}
