import type { ConfigValue, Fields, InferFields } from '../../core/schema.ts'
import type { Ordered } from '../orderedRegistry.ts'
import type { Notify } from '../reading/notice.ts'
import type { ImportSource } from '../reading/source.ts'

/** A file whose encoding is known; `text` gives it decoded, with `\n` line ends. May be called more than once. */
export interface TextSource extends ImportSource {
  text(): AsyncIterable<string>
}

export interface ImportContext {
  readonly signal: AbortSignal | undefined
  readonly notify: Notify
  /** Share of records that may be left out; more are an error. */
  readonly mostBroken: number
}

/** One text of a file that holds many, or one piece of a file that is one text. */
export interface TextRecord {
  readonly text: string
}

interface ImporterParts<P> extends Ordered {
  readonly id: string
  readonly title: string
  readonly summary: string
  /** Without the dot, lower case. They break ties only: formats are told apart by content. */
  readonly extensions: readonly string[]
  /** Whether each record is a text of its own, set off by a blank line; otherwise records are pieces of one text. */
  readonly hasRecords: boolean
  /** 0 (cannot be) to 1 (certain), from the first 64 KiB. Must not throw. */
  sniff(head: Uint8Array, name: string): number
  /** The records of a file, streamed. Throws `DataError` only. */
  open(source: TextSource, params: P, context: ImportContext): AsyncIterable<TextRecord>
}

/** A file format that text can be taken from. */
export interface Importer extends ImporterParts<Record<string, ConfigValue>> {
  readonly fields: Fields
}

export function defineImporter<const F extends Fields>(
  importer: ImporterParts<InferFields<F>> & { readonly fields: F },
): Importer {
  return importer as unknown as Importer // params were parsed by the same fields
}

export function hasExtension(name: string, extensions: readonly string[]): boolean {
  return extensions.includes(/\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? '')
}
