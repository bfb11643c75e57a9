import { Observable, type Subscriber } from 'rxjs'

/** Emits what its owner hands it to whoever is subscribed then. */
export class Emitter<T> extends Observable<T> {
  readonly #subscribers: Set<Subscriber<T>>

  constructor() {
    const subscribers = new Set<Subscriber<T>>()
    super((subscriber) => {
      subscribers.add(subscriber)
      return () => subscribers.delete(subscriber)
    })
    this.#subscribers = subscribers
  }

  next(value: T): void {
    for (const subscriber of [...this.#subscribers]) subscriber.next(value)
  }
}

/**
 * An Observable that also has its value now: emits it on subscribing, then every change. One object serves
 * `useSyncExternalStore`, Vue refs, Svelte stores and RxJS users.
 */
export class Readable<T> extends Observable<T> {
  readonly #read: () => T

  /** @internal */
  constructor(read: () => T, subscribers: Set<Subscriber<T>>) {
    super((subscriber) => {
      subscribers.add(subscriber)
      subscriber.next(read())
      return () => subscribers.delete(subscriber)
    })
    this.#read = read
  }

  /** The value now. */
  get value(): T {
    return this.#read()
  }
}

/** A value that its owner sets and others read. */
export class Writable<T> {
  #value: T
  readonly #subscribers = new Set<Subscriber<T>>()
  readonly readable: Readable<T>

  constructor(initial: T) {
    this.#value = initial
    this.readable = new Readable(() => this.#value, this.#subscribers)
  }

  get value(): T {
    return this.#value
  }

  /** Sets the value; readers hear of it only if it differs. */
  set(value: T): void {
    if (Object.is(value, this.#value)) return
    this.#value = value
    for (const subscriber of [...this.#subscribers]) {
      // Who was told first may have set another, and then all know that one.
      if (!Object.is(value, this.#value)) return
      subscriber.next(value)
    }
  }
}
