/** What bundlers put a text in place of, and Node has. A browser without a bundler has none, and is developed in. */
declare const process: { readonly env: { readonly NODE_ENV?: string } }

/** Whether this is a production build. */
export function isProduction(): boolean {
  try {
    return process.env.NODE_ENV === 'production'
  } catch {
    return false
  }
}
