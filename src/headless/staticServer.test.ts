import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { request, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createStaticServer, listen } from './staticServer.mjs'

const folder = mkdtempSync(join(tmpdir(), 'bunsen-static-'))
const site = join(folder, 'dist')
let server: Server
let port = 0

beforeAll(async () => {
  mkdirSync(join(site, 'assets'), { recursive: true })
  mkdirSync(join(site, 'data'))
  writeFileSync(join(site, 'index.html'), 'page')
  writeFileSync(join(site, '404.html'), 'missing')
  writeFileSync(join(site, 'data', 'index.html'), 'data page')
  writeFileSync(join(site, 'data', 'a b.txt'), 'text é')
  writeFileSync(join(site, 'assets', 'x-1a2b.js'), 'x')
  writeFileSync(join(folder, 'secret.txt'), 'secret')
  writeFileSync(join(folder, 'dist-secret'), 'secret')
  server = createStaticServer(site)
  port = Number(new URL(await listen(server, { host: '127.0.0.1', port: 0 })).port)
})
afterAll(() => server.close())

interface Answer {
  status: number
  body: string
  headers: Record<string, string | string[] | undefined>
}

/** By hand, since fetch would tidy the path. */
function get(path: string, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body, headers: response.headers }))
    })
    sent.on('error', reject).end()
  })
}

it('serves files with their types and lengths', async () => {
  const text = await get('/data/a%20b.txt')
  expect(text).toMatchObject({ status: 200, body: 'text é' })
  expect(text.headers['content-type']).toBe('text/plain; charset=utf-8')
  expect(text.headers['content-length']).toBe('7')
  expect((await get('/assets/x-1a2b.js?v=1')).headers['content-type']).toBe('text/javascript; charset=utf-8')
})

it('lets browsers keep what has a hash in its name, and nothing else', async () => {
  expect((await get('/assets/x-1a2b.js')).headers['cache-control']).toContain('immutable')
  expect((await get('/')).headers['cache-control']).toBe('no-cache')
})

it('answers the addresses of the page with the page', async () => {
  for (const path of ['/', '/runs', '/runs/', '/runs/abc%20d', '/compare?runs=a', '/models']) {
    expect(await get(path), path).toMatchObject({ status: 200, body: 'page' })
  }
  expect(await get('/data')).toMatchObject({ status: 200, body: 'data page' })
})

it('answers everything else with 404', async () => {
  for (const path of ['/nope', '/runs/a/b', '/assets', '/assets/gone.js', '/%E0%A4%A', '/x%00']) {
    expect(await get(path), path).toMatchObject({ status: 404, body: 'missing' })
  }
})

it('leaves no way out of its folder', async () => {
  const ways = [
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/data/..%5c..%5csecret.txt',
    '//secret.txt',
  ]
  for (const path of [...ways, '/../dist-secret', '/data/../../secret.txt']) {
    expect((await get(path)).body, path).toBe('missing')
  }
})

it('sends no body for HEAD, and refuses to be written to', async () => {
  expect(await get('/', 'HEAD')).toMatchObject({ status: 200, body: '' })
  expect((await get('/', 'POST')).status).toBe(405)
})

it('takes the next free port', async () => {
  const second = createStaticServer(site)
  const address = await listen(second, { host: '127.0.0.1', port })
  second.close()
  expect(Number(new URL(address).port)).toBeGreaterThan(port)
})
