import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { commandLinePaths, hashPaths, readStamp, sourcePaths, writeStamp } from './stamp.mjs'

/** Builds the page into dist/ where it is missing or older than its sources. Throws where the build fails. */
export function ensurePage(root, say) {
  if (
    existsSync(join(root, 'dist', 'index.html')) &&
    readStamp(pageStamp(root)) === stampText(root, sourcePaths)
  )
    return
  say('Building the page')
  buildPage(root, ['--logLevel', 'warn'])
}

/** Builds the page in any case; `args` go to Vite. */
export function buildPage(root, args) {
  const text = stampText(root, sourcePaths)
  runVite(root, ['build', ...args])
  if (!args.includes('--outDir')) writeStamp(pageStamp(root), text)
}

function pageStamp(root) {
  return join(root, '.cache', 'build-stamp.json')
}

/**
 * Builds the command line into dist-node/bunsen.js where it is missing or older than its sources. The files are moved
 * into place one by one, so that commands that start at the same time never see half a file.
 */
export function ensureCommandLine(root, say) {
  const target = join(root, 'dist-node')
  const stamp = join(target, 'stamp.json')
  const text = stampText(root, commandLinePaths)
  if (existsSync(join(target, 'bunsen.js')) && readStamp(stamp) === text) return
  say('Building the command line')
  const fresh = join(root, '.cache', `dist-node-${process.pid}`)
  try {
    runVite(root, ['build', '--ssr', 'src/headless/main.ts', '--outDir', fresh, '--logLevel', 'warn'])
    mkdirSync(target, { recursive: true })
    for (const name of readdirSync(fresh)) renameSync(join(fresh, name), join(target, name))
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
  writeStamp(stamp, text)
}

/** JSON, since people look into .cache. */
function stampText(root, paths) {
  return `${JSON.stringify({ node: process.versions.node, sources: hashPaths(root, paths) })}\n`
}

/** In a process of its own: Vite reads the environment, and its words belong on standard error. */
function runVite(root, args) {
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js')
  const result = spawnSync(process.execPath, [vite, ...args], { cwd: root, stdio: ['ignore', 2, 2] })
  if (result.status !== 0) throw new Error('The build failed: see the message above.')
}
