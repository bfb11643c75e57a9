/** Which pages may connect. Browsers send cookies to any server that a page names, so the page's origin decides. */
import { HubError } from './errors.ts'
import type { RequestInfo } from './link.ts'

/**
 * Throws `origin_denied`. Without an Origin header it is no browser's page, unless there are cookies.
 * @param allowed the origins allowed; null for the one that the request was sent to
 * @param isSecure whether the connection is encrypted; a proxy in front may say so in x-forwarded-proto
 */
export function checkOrigin(
  headers: RequestInfo['headers'],
  allowed: ReadonlySet<string> | null,
  isSecure: boolean,
): void {
  const { origin, cookie, host } = headers
  if (origin === undefined) {
    if (cookie !== undefined)
      throw new HubError('origin_denied', { message: 'Cookies without an Origin are refused.' })
    return
  }
  if (typeof origin !== 'string' || !URL.canParse(origin)) throw new HubError('origin_denied')
  const url = new URL(origin)
  const isAllowed = allowed
    ? allowed.has(url.origin)
    : isSameHost(url, host, isSecure || isForwardedSecure(headers))
  // `null`, which sandboxed pages and files send, is no URL and was refused above.
  if (!isAllowed) throw new HubError('origin_denied')
}

/** A page loaded without encryption is not the encrypted site's own; the other way round it is, behind a proxy. */
function isSameHost(origin: URL, host: RequestInfo['headers'][string], isSecure: boolean): boolean {
  if (typeof host !== 'string') return false
  if (isSecure && origin.protocol !== 'https:') return false
  const scheme = origin.protocol
  if (scheme !== 'http:' && scheme !== 'https:') return false
  return URL.canParse(`${scheme}//${host}`) && new URL(`${scheme}//${host}`).host === origin.host
}

function isForwardedSecure(headers: RequestInfo['headers']): boolean {
  return headers['x-forwarded-proto'] === 'https'
}
