import type { DataKind } from '../../core/catalog.ts'
import type { Ordered } from '../orderedRegistry.ts'

/** The files of an installed package; paths are relative to its folder. */
export interface PackageFiles {
  list(folder: string): Promise<string[]>
  text(path: string): Promise<string>
  bytes(path: string): Promise<Uint8Array>
}

/**
 * A data set that comes with the app. Its content is taken from an npm package when the app is built, so that the
 * repository holds no copies. Evaluated in Node only.
 */
export interface BundledSet extends Ordered {
  readonly id: string
  readonly title: string
  readonly summary: string
  readonly kind: DataKind
  readonly packageName: string
  /** SPDX expression for the content, as the package states it. */
  readonly licence: string
  /** The content as it is stored: a text or a table with `\n` line ends, or what `encodeImageSet` gives. */
  read(files: PackageFiles): Promise<string | Uint8Array<ArrayBuffer>>
}

export function defineBundled(set: BundledSet): BundledSet {
  return set
}
