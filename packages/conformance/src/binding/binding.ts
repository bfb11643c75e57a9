/** What a binding offers the suite: components of its framework, mounted in the framework's strictest mode. */
import type {
  ChannelState,
  Client,
  Gap,
  HoldfastError,
  Message,
  MessageListOptions,
  MessageListState,
  Publish,
  Status,
} from '@holdfast/core'

/** One component that uses a channel. */
export interface ChannelUse {
  /** The same component with every update, whatever its name; where left out, as long as as many use its channel. */
  readonly key?: string
  readonly name: string | null
  readonly event?: string
  readonly handler?: (message: Message) => void
  readonly onGap?: (gap: Gap) => void
  readonly params?: Readonly<Record<string, unknown>>
}

export interface View<Use> {
  /** Renders again with another use; components that are gone unmount. */
  update(use: Use): Promise<void>
  unmount(): Promise<void>
}

/** A component's state as it is rendered now. */
export interface Showing<T> {
  readonly shown: T
}

export interface ShownMessages extends MessageListState {
  readonly status: ChannelState
}

export interface ShownPublish {
  readonly publish: (event: string, data: unknown) => Publish
  readonly isPending: boolean
  readonly error: HoldfastError | null
  readonly retry: (() => Publish) | null
}

export interface ShownConnection {
  readonly status: Status
  readonly isConnected: boolean
}

/** A page that was rendered on a server and came to life in a document. */
export interface Hydrated {
  /** Its text now. */
  text(): string
  /** What the framework found that differed from the server's page. */
  readonly mismatches: readonly string[]
  unmount(): Promise<void>
}

export interface Binding {
  readonly name: string
  /** Mounts a component for each use, through the hook or through the element that wraps it. */
  mountChannels(
    client: Client,
    uses: readonly ChannelUse[],
    as: 'hook' | 'element',
  ): Promise<View<readonly ChannelUse[]> & Showing<readonly ChannelState[]>>
  /** Mounts a component that shows a channel's messages. */
  mountMessages(
    client: Client,
    name: string | null,
    options?: MessageListOptions,
  ): Promise<View<string | null> & Showing<ShownMessages>>
  /** Mounts a component that publishes to a channel. */
  mountPublish(client: Client, name: string | null): Promise<View<string | null> & Showing<ShownPublish>>
  /** Mounts a component that shows the connection; `seen` has what it rendered, without repetitions. */
  mountConnection(client: Client): Promise<Showing<ShownConnection> & { readonly seen: readonly string[] }>
  /**
   * Renders on a server a page with all of the above: in one paragraph a channel's messages' data and its status, the
   * connection's status and whether a publish is pending, with spaces between them; beside it a use of `<name>:events`.
   */
  renderPage(client: Client, name: string, options: MessageListOptions): Promise<string>
  /** The same page in a document that holds what the server has rendered. */
  hydratePage(client: Client, html: string, name: string, options: MessageListOptions): Promise<Hydrated>
  /** Does something, and lets the framework render what follows from it. */
  act(step: () => Promise<void>): Promise<void>
  /** Unmounts whatever is mounted. */
  cleanUp(): Promise<void>
}
