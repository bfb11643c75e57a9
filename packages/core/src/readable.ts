import { BehaviorSubject, distinctUntilChanged, Observable } from 'rxjs'

/**
 * An Observable that also has its value now: emits it on subscribing, then every change. One object serves
 * `useSyncExternalStore`, Vue refs, Svelte stores and RxJS users.
 */
export class Readable<T> extends Observable<T> {
  readonly #source: BehaviorSubject<T>

  /** @internal */
  constructor(source: BehaviorSubject<T>) {
    const changes = source.pipe(distinctUntilChanged())
    super((subscriber) => changes.subscribe(subscriber))
    this.#source = source
  }

  /** The value now. */
  get value(): T {
    return this.#source.value
  }
}

/** A value that its owner sets and others read. */
export class Writable<T> {
  readonly #subject: BehaviorSubject<T>
  readonly readable: Readable<T>

  constructor(initial: T) {
    this.#subject = new BehaviorSubject(initial)
    this.readable = new Readable(this.#subject)
  }

  get value(): T {
    return this.#subject.value
  }

  /** Sets the value; readers hear of it only if it differs. */
  set(value: T): void {
    if (!Object.is(value, this.#subject.value)) this.#subject.next(value)
  }

  /** Ends the readable; its value stays. */
  complete(): void {
    this.#subject.complete()
  }
}
