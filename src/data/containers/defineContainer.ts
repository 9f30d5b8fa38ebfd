import { DataError } from '../../core/errors.ts'
import type { Ordered } from '../orderedRegistry.ts'
import type { Notify } from '../reading/notice.ts'
import type { ImportSource } from '../reading/source.ts'

export interface ContainerContext {
  readonly signal: AbortSignal | undefined
  readonly notify: Notify
}

/** A format of files that hold other things: files, rows or pictures. */
export interface Container extends Ordered {
  readonly title: string
  /** Told by the first 512 bytes alone, so that a name cannot mislead. Must not throw. */
  matches(head: Uint8Array): boolean
  /**
   * What it holds, read only when it is asked for. Null where it is a document after all, to be refused as what it is.
   * Throws DataError only.
   */
  open(file: ImportSource, context: ContainerContext): Promise<readonly ImportSource[] | null>
}

export function defineContainer(container: Container): Container {
  return container
}

/** `what` is the container: "the gzip file", say. */
export function brokenArchive(name: string, what: string, why: string): DataError {
  return new DataError(`${name}: ${what} is damaged (${why}); nothing was stored`, {
    code: 'broken-archive',
    remedy: 'Take another copy of it, or unpack it yourself and drop what it holds.',
    details: { file: name },
  })
}
