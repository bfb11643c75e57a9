import type { Client } from '@holdfast/core'
import { createContext, type ReactElement, type ReactNode, useContext } from 'react'

const HoldfastContext = createContext<Client | null>(null)

export interface HoldfastProviderProps {
  /** Made by the application, once, and closed by it: the provider neither connects nor closes it. */
  readonly client: Client
  readonly children?: ReactNode
}

/** Gives the hooks below it their client. */
export function HoldfastProvider({ client, children }: HoldfastProviderProps): ReactElement {
  return <HoldfastContext.Provider value={client}>{children}</HoldfastContext.Provider>
}

/** The client of the nearest provider. Throws where there is none. */
export function useHoldfast(): Client {
  const client = useContext(HoldfastContext)
  if (!client) throw new Error('Holdfast hooks need a <HoldfastProvider client={client}> above them.')
  return client
}
