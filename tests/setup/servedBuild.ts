import { existsSync } from 'node:fs'
import type { TestProject } from 'vitest/node'
import { createStaticServer, listen } from '../../src/headless/staticServer.mjs'

declare module 'vitest' {
  interface ProvidedContext {
    /** Address of the built page, ending in a slash: `inject('baseUrl')`. */
    baseUrl: string
  }
}

/** Serves dist/ while the end-to-end tests run. */
export default async function serveBuild(project: TestProject): Promise<() => Promise<void>> {
  const folder = new URL('../../dist/', import.meta.url).pathname
  if (!existsSync(`${folder}index.html`))
    throw new Error('dist/: there is no build; run `npm run build` first')
  const server = createStaticServer(folder)
  project.provide('baseUrl', await listen(server, { host: '127.0.0.1', port: 0 }))
  return () =>
    new Promise((done) => {
      server.close(() => done())
      server.closeAllConnections()
    })
}
