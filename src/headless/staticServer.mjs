import { createReadStream, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join, resolve, sep } from 'node:path'

const types = {
  '.css': 'text/css; charset=utf-8',
  '.csv': 'text/csv; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
}

/** Addresses that the page answers itself: they have no file. */
const pageRoute = /^\/(?:data|runs|runs\/[^/]+|compare|models)\/?$/

/** An http.Server over the files below `folder`. */
export function createStaticServer(folder) {
  const root = resolve(folder)
  return createServer((request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { Allow: 'GET, HEAD' }).end()
      return
    }
    const path = readPath(request.url ?? '/')
    const found = path === null ? null : find(root, path)
    if (found === null) send(request, response, 404, findFile(join(root, '404.html')))
    else send(request, response, 200, found)
  })
}

/** The decoded path of a request, or null for one that no file can have. */
function readPath(url) {
  try {
    const path = decodeURIComponent(url.split(/[?#]/, 1)[0])
    return path.startsWith('/') && !path.includes('\0') && !path.includes('\\') ? path : null
  } catch {
    return null
  }
}

function find(root, path) {
  const full = resolve(root, `.${path}`)
  const isInside = full === root || full.startsWith(root + sep)
  const isHidden = path.split('/').some((part) => part.startsWith('.'))
  if (!isInside || isHidden) return null
  return (
    findFile(full) ??
    findFile(join(full, 'index.html')) ??
    (pageRoute.test(path) ? findFile(join(root, 'index.html')) : null)
  )
}

function findFile(path) {
  const info = statSync(path, { throwIfNoEntry: false })
  return info?.isFile() ? { path, sizeBytes: info.size } : null
}

function send(request, response, status, file) {
  const headers = { 'X-Content-Type-Options': 'nosniff', 'Cache-Control': 'no-cache' }
  if (file === null) {
    response.writeHead(status, { ...headers, 'Content-Type': 'text/plain; charset=utf-8' }).end('Not found\n')
    return
  }
  // Names of built assets hold a hash of their content.
  if (/[\\/]assets[\\/]/.test(file.path)) headers['Cache-Control'] = 'public, max-age=31536000, immutable'
  headers['Content-Type'] = types[extname(file.path).toLowerCase()] ?? 'application/octet-stream'
  headers['Content-Length'] = file.sizeBytes
  response.writeHead(status, headers)
  if (request.method === 'HEAD') response.end()
  else
    createReadStream(file.path)
      .on('error', () => response.destroy())
      .pipe(response)
}

/**
 * Listens on `host`, on `port` or the next free one of the `tries` after it; port 0 is any free one. Resolves to the
 * address of the page.
 */
export async function listen(server, { host, port, tries = 20 }) {
  for (let attempt = port; ; attempt++) {
    try {
      await listenOnce(server, host, attempt)
      const shown = host === '0.0.0.0' || host === '::' || host === '127.0.0.1' ? 'localhost' : host
      return `http://${shown.includes(':') ? `[${shown}]` : shown}:${server.address().port}/`
    } catch (error) {
      const mayGoOn = error.code === 'EADDRINUSE' && attempt < Math.min(port + tries, 65535)
      if (!mayGoOn) throw error
    }
  }
}

function listenOnce(server, host, port) {
  return new Promise((done, fail) => {
    server.once('error', fail)
    server.listen(port, host, () => {
      server.off('error', fail)
      done()
    })
  })
}
