import { requireNodeVersion } from './nodeVersion.mjs'

requireNodeVersion()

const { dirname, join } = await import('node:path')
const { fileURLToPath } = await import('node:url')
const { parseArgs } = await import('node:util')
const { ensureInstalled } = await import('./install.mjs')
const { ensurePage } = await import('./build.mjs')
const { createStaticServer, listen } = await import('./staticServer.mjs')

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const say = (line) => process.stdout.write(`${line}\n`)

function readOptions() {
  const { values } = parseArgs({
    options: { host: { type: 'string', default: '127.0.0.1' }, port: { type: 'string', default: '4321' } },
  })
  const port = Number(values.port)
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new Error(`--port: must be a whole number from 0 to 65535, got "${values.port}"`)
  }
  return { host: values.host, port }
}

try {
  const options = readOptions()
  ensureInstalled(root, say)
  ensurePage(root, say)
  const server = createStaticServer(join(root, 'dist'))
  const address = await listen(server, options)
  say(`Bunsen is at ${address}  (Ctrl-C ends it)`)
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(0))
} catch (error) {
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
}
