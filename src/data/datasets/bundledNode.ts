import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { BundledEntry, DataKind } from '../../core/catalog.ts'
import { DataError } from '../../core/errors.ts'
import { sha256Hex } from '../../core/sha256.ts'
import { normaliseNewlines } from '../reading/decodeText.ts'
import type { BundledSet, PackageFiles } from './defineBundled.ts'
import { bundledSets } from './registry.ts'

/** What servers tell the type of a file by. */
const extensions: Readonly<Record<DataKind, string>> = { text: 'txt', images: 'safetensors', table: 'csv' }

/** What the build serves for one set. */
export interface BundledContent {
  readonly entry: BundledEntry
  /** Canonical UTF-8, or an image set. */
  readonly bytes: Uint8Array<ArrayBuffer>
  /** What the package says about rights: its notice, and the beginning of its licence where it names each part's. */
  readonly notice: string
}

/** Reads a bundled set out of its package in node_modules. Throws `unknown-name` or `package-missing`. */
export async function loadBundled(id: string): Promise<BundledContent> {
  const set = bundledSets.get(id)
  const folder = packageFolder(set)
  const files: PackageFiles = {
    list: (path) => readdir(join(folder, path)),
    text: (path) => readFile(join(folder, path), 'utf8'),
    bytes: (path) => readFile(join(folder, path)),
  }
  const { version } = JSON.parse(await files.text('package.json')) as { version: string }
  const content = await set.read(files)
  const bytes = typeof content === 'string' ? new TextEncoder().encode(normaliseNewlines(content)) : content
  const sha256 = sha256Hex(bytes)
  const { title, summary, kind, licence, packageName } = set
  const entry: BundledEntry = {
    id,
    title,
    summary,
    kind,
    sizeBytes: bytes.length,
    sha256,
    file: `${id}-${sha256.slice(0, 8)}.${extensions[kind]}`,
    licence,
    origin: `${packageName} ${version}`,
  }
  // Where the package has no file about rights, its licence stands for one.
  return { entry, bytes, notice: (await noticeOf(files)) || `${packageName}: ${licence}` }
}

async function noticeOf(files: PackageFiles): Promise<string> {
  const [notice, licence] = await Promise.all(
    ['NOTICE', 'LICENSE'].map((name) => files.text(name).catch(() => '')),
  )
  return `${notice!.trim()}\n${licence!.split('\n\n')[0]!.replaceAll('\n', ' ')}`.trim()
}

/** All sets in the order that they are offered in; the first is the default. */
export async function loadAllBundled(): Promise<BundledContent[]> {
  return Promise.all(bundledSets.all.map(({ id }) => loadBundled(id)))
}

export async function loadBundledText(id: string): Promise<string> {
  return new TextDecoder().decode((await loadBundled(id)).bytes)
}

function packageFolder({ id, packageName }: BundledSet): string {
  // Not by resolving its package.json: some packages do not export it.
  const places = createRequire(import.meta.url).resolve.paths(packageName) ?? []
  const found = places
    .map((place) => join(place, packageName))
    .find((path) => existsSync(join(path, 'package.json')))
  if (found !== undefined) return found
  throw new DataError(`Bundled data set "${id}": needs the package ${packageName}, which is not installed`, {
    code: 'package-missing',
    remedy: 'Run npm install in the folder of Bunsen.',
  })
}
