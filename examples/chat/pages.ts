/** Serves the built page. */
import { createReadStream, statSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { extname, join, normalize } from 'node:path'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

export function servePage(folder: string, url: string, response: ServerResponse): void {
  const { pathname } = new URL(url, 'http://localhost')
  // `normalize` of an absolute path cannot climb above its root.
  const path = normalize(pathname === '/' ? '/index.html' : pathname)
  const file = join(folder, path)
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('Not found.')
    return
  }
  response.writeHead(200, {
    'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
    // Built assets carry a hash in their name.
    'cache-control': path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
    'content-security-policy': "default-src 'self'; style-src 'self'; connect-src 'self' ws: wss:",
    'x-content-type-options': 'nosniff',
  })
  createReadStream(file).pipe(response)
}
