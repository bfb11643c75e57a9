/** How near to its end a box counts as being read there, in pixels. */
const NEAR_END = 80

/** Keeps a box that scrolls at its end while its reader is there, until the returned function is called. */
export function followEnd(box: HTMLElement): () => void {
  let isAtEnd = true
  let size = ''
  const measure = (): string => `${box.scrollHeight} ${box.clientHeight}`
  const follow = (): void => {
    if (isAtEnd) box.scrollTop = box.scrollHeight
    size = measure()
  }
  const scrolled = (): void => {
    // What moved because it has grown was not moved by its reader.
    if (measure() !== size) follow()
    else isAtEnd = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END
  }
  const changes = new MutationObserver(follow)
  const sizes = new ResizeObserver(follow)
  changes.observe(box, { childList: true, subtree: true, characterData: true })
  sizes.observe(box)
  box.addEventListener('scroll', scrolled, { passive: true })
  follow()
  return () => {
    changes.disconnect()
    sizes.disconnect()
    box.removeEventListener('scroll', scrolled)
  }
}
