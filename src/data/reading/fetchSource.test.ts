import { createServer, type Server } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fetchSource } from './fetchSource.ts'
import { readWhole } from './source.ts'

let server: Server
let base = ''

beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url === '/a%20b.csv?x=1') return response.end('x,y\n1,2\n')
    if (request.url === '/page') return response.setHeader('content-type', 'text/html').end('<p>')
    if (request.url === '/huge') return response.setHeader('content-length', '600000000').end()
    if (request.url === '/cut') {
      response.setHeader('content-length', '10')
      return response.write('half', () => response.destroy())
    }
    response.statusCode = request.url === '/private' ? 403 : request.url === '/busy' ? 503 : 404
    return response.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  base = `http://127.0.0.1:${typeof address === 'object' ? address!.port : 0}`
})
afterAll(() => server.close())

describe('a file of another host', () => {
  it('is fetched under its name, with progress', async () => {
    const progress: number[] = []
    const source = await fetchSource(` ${base}/a%20b.csv?x=1 `, {
      onProgress: ({ doneBytes, totalBytes }) => progress.push(doneBytes, totalBytes),
    })
    expect([source.name, new TextDecoder().decode(await readWhole(source, undefined))]).toEqual([
      'a b.csv',
      'x,y\n1,2\n',
    ])
    expect(progress.at(-2)).toBe(8)
  })

  it.each([
    ['/none', 'url-status', 'no such file'],
    ['/private', 'url-status', 'not public'],
    ['/busy', 'url-status', '503'],
    ['/page', 'url-page', 'a web page'],
    ['/huge', 'too-large', '600 MB'],
    ['/cut', 'url-refused', '127.0.0.1'],
  ])('that cannot be had is refused in words: %s', async (path, code, words) => {
    await expect(fetchSource(`${base}${path}`)).rejects.toMatchObject({
      name: 'DataError',
      code,
      message: expect.stringContaining(words) as string,
    })
  })

  it('is asked for by web addresses alone', async () => {
    for (const address of [
      '',
      'a.csv',
      'file:///etc/passwd',
      'javascript:alert(1)',
      'data:text/plain,x',
      'https://u:p@a.b/c',
    ])
      await expect(fetchSource(address)).rejects.toMatchObject({ code: 'bad-url' })
    await expect(fetchSource('http://127.0.0.1:1/x')).rejects.toMatchObject({ code: 'url-refused' })
  })

  it('is let go of when it is cancelled', async () => {
    await expect(fetchSource(`${base}/x`, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'cancelled',
    })
  })
})
