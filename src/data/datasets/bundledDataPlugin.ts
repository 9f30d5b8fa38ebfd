import { fileURLToPath } from 'node:url'
import { runnerImport, type Plugin } from 'vite'
import type { DataKind } from '../../core/catalog.ts'
import type * as BundledNode from './bundledNode.ts'

const publicId = 'virtual:bundled-data'
const resolvedId = `\0${publicId}`
/** Below the app's base: `data/<id>-<first 8 digits of the hash>.<what it is>`. */
const folder = 'data/'

/**
 * Serves the bundled data sets. `virtual:bundled-data` is their list with sizes and hashes (see `bundled.d.ts`); the
 * contents are files beside the app, fetched when they are wanted. Also to be put in `worker.plugins` of the Vite
 * configuration, since workers are bundled apart.
 */
export function bundledData(): Plugin {
  let contents: Promise<BundledNode.BundledContent[]> | null = null
  const load = () => (contents ??= readContents())
  let isWorkerBundle = false
  return {
    name: 'bunsen:bundled-data',
    configResolved(config) {
      isWorkerBundle = config.isWorker
    },
    resolveId: (id) => (id === publicId ? resolvedId : undefined),
    async load(id) {
      if (id !== resolvedId) return undefined
      const all = await load()
      const notices = all.map(({ entry, notice }) => ({ id: entry.id, notice }))
      return [
        `export const bundled = ${JSON.stringify(all.map(({ entry }) => entry))}`,
        `export const bundledNotices = ${JSON.stringify(notices)}`,
      ].join('\n')
    },
    async generateBundle() {
      if (isWorkerBundle || this.environment.config.consumer !== 'client') return
      for (const { entry, bytes } of await load()) {
        this.emitFile({ type: 'asset', fileName: folder + entry.file, source: bytes })
      }
    },
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const path = (request.url ?? '').split('?')[0]!
        if (!path.includes(`/${folder}`)) return next()
        load().then((all) => {
          const found = all.find(({ entry }) => path.endsWith(`/${folder}${entry.file}`))
          if (!found) return next()
          response.setHeader('Content-Type', typeOf(found.entry.kind))
          response.setHeader('Content-Length', found.bytes.length)
          response.end(found.bytes)
        }, next)
      })
    },
  }
}

function typeOf(kind: DataKind): string {
  if (kind === 'images') return 'application/octet-stream'
  return `${kind === 'table' ? 'text/csv' : 'text/plain'}; charset=utf-8`
}

/** Through Vite, because the registry collects its folder with `import.meta.glob`, which plain Node does not know. */
async function readContents(): Promise<BundledNode.BundledContent[]> {
  const path = fileURLToPath(new URL('./bundledNode.ts', import.meta.url))
  const { module } = await runnerImport<typeof BundledNode>(path, {
    configFile: false,
    logLevel: 'error',
  })
  return module.loadAllBundled()
}
