import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build, createServer } from 'vite'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { bundled } from 'virtual:bundled-data'
import { sha256Hex } from '../../core/sha256.ts'
import { bundledData } from './bundledDataPlugin.ts'

let root = ''
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'bunsen-bundled-'))
  await writeFile(join(root, 'index.html'), '<script type="module" src="./page.js"></script>')
  await writeFile(
    join(root, 'page.js'),
    "new Worker(new URL('./work.js', import.meta.url), { type: 'module' })",
  )
  await writeFile(
    join(root, 'work.js'),
    "import { bundled } from 'virtual:bundled-data'\npostMessage(bundled)",
  )
})
afterAll(() => rm(root, { recursive: true, force: true }))

const config = () => ({
  root,
  base: './',
  configFile: false as const,
  logLevel: 'silent' as const,
  plugins: [bundledData()],
  worker: { format: 'es' as const, plugins: () => [bundledData()] },
})

it('puts the files beside the built app, and their list into the worker', async () => {
  await build(config())
  expect((await readdir(join(root, 'dist/data'))).sort()).toEqual(bundled.map(({ file }) => file).sort())
  for (const { file, sha256 } of bundled)
    expect(sha256Hex(await readFile(join(root, 'dist/data', file)))).toBe(sha256)
  const names = await readdir(join(root, 'dist/assets'))
  const worker = await readFile(
    join(
      root,
      'dist/assets',
      names.find((name) => name.startsWith('work'))!,
    ),
    'utf8',
  )
  expect(worker).toContain(bundled[0]!.sha256)
  expect(worker).not.toContain('Ishmael')
})

it('serves the same files in development, under any base', async () => {
  const server = await createServer({
    ...config(),
    base: '/some/where/',
    server: { port: 0, host: '127.0.0.1' },
  })
  try {
    await server.listen()
    const url = server.resolvedUrls!.local[0]!
    const response = await fetch(new URL(`data/${bundled[0]!.file}`, url))
    expect(response.headers.get('content-type')).toContain('text/plain')
    expect(sha256Hex(new Uint8Array(await response.arrayBuffer()))).toBe(bundled[0]!.sha256)
  } finally {
    await server.close()
  }
})
