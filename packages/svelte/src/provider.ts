import type { Client } from '@holdfast/core'
import type { Component, Snippet } from 'svelte'
import Provider from './provider.svelte'

export interface HoldfastProviderProps {
  /** Made by the application, once, and closed by it: the provider neither connects nor closes it. */
  readonly client: Client
  readonly children?: Snippet
}

/** `provideHoldfast` as an element. With another client what is in it begins anew. */
export const HoldfastProvider: Component<HoldfastProviderProps> = Provider
