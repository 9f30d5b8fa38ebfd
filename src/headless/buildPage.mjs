import { requireNodeVersion } from './nodeVersion.mjs'

requireNodeVersion()

const { dirname, join } = await import('node:path')
const { fileURLToPath } = await import('node:url')
const { buildPage } = await import('./build.mjs')

try {
  buildPage(join(dirname(fileURLToPath(import.meta.url)), '..', '..'), process.argv.slice(2))
} catch (error) {
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
}
