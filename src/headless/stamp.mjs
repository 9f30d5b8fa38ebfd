import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** What the page and the Node bundle are made of, relative to the project's folder. */
export const sourcePaths = [
  'src',
  'workers',
  'public',
  'index.html',
  'package.json',
  'package-lock.json',
  'svelte.config.js',
  'tsconfig.json',
  'vite.config.ts',
]

/** What the command line is made of besides: `verify` and `bench` run parts of the tests. */
export const commandLinePaths = [...sourcePaths, 'tests/parity', 'tests/bench', 'tests/helpers']

/** Files that change no output. */
const isIgnored = /\.test\.ts$|\.md$|^\./

/**
 * SHA-256, in hex, of the names and contents of all files at or below `paths`. A path that is not there counts as empty,
 * tests and Markdown do not count.
 */
export function hashPaths(root, paths) {
  const hash = createHash('sha256')
  const add = (path) => {
    const info = statSync(join(root, path), { throwIfNoEntry: false })
    if (info === undefined) return
    if (info.isDirectory()) {
      for (const name of readdirSync(join(root, path)).sort())
        if (!isIgnored.test(name)) add(`${path}/${name}`)
    } else {
      const bytes = readFileSync(join(root, path))
      hash.update(`${path}\0${bytes.length}\0`).update(bytes)
    }
  }
  for (const path of paths) add(path)
  return hash.digest('hex')
}

/** What a stamp file holds, or '' where there is none. */
export function readStamp(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

export function writeStamp(path, text) {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}
