/** The button that people see under this name. */
export function buttonOf(container: HTMLElement, name: string): HTMLButtonElement {
  const button = [...container.querySelectorAll('button')].find(
    ({ textContent }) => textContent?.trim() === name,
  )
  if (!button) throw new Error(`There is no button ${name} in ${container.innerHTML}`)
  return button
}
