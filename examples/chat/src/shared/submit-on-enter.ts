/** In a text area: Enter sends its form, with Shift it begins a new line. */
export function submitOnEnter(event: KeyboardEvent): void {
  // While an input method composes, Enter belongs to it.
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
  event.preventDefault()
  if (event.target instanceof HTMLTextAreaElement) event.target.form?.requestSubmit()
}
