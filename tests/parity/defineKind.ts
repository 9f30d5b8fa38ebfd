import type { EngineDevice } from '../../src/engine/backend/createDevice.ts'
import type { GoldenCase } from './goldenCase.ts'
import type { JsonRecord } from './json.ts'
import type { Ledger } from './ledger.ts'

/** What a kind may use beside the case itself. */
export interface KindContext {
  /** The whole file: its definition, and what its cases share. */
  readonly file: Ledger
  /** Opens the backend at the first call: kinds that compute on the host need no adapter. */
  device(): Promise<EngineDevice>
  /** A file in the golden file's folder. Throws where there is none. */
  readBeside(name: string): Promise<Uint8Array>
  /** Names of the files in that folder. */
  listBeside(): Promise<readonly string[]>
}

/** How golden files of one kind are run through the engine. */
export interface Kind {
  /** Stands before a case's name in what `verify` prints. */
  readonly id: string
  /** Whether a file is of this kind, from what is in it. */
  isFor(file: JsonRecord): boolean
  /** Field that lists the cases. */
  readonly casesIn: 'cases' | 'files'
  /** Computes and compares. Throws Unsupported for what has no counterpart in the engine. */
  check(golden: GoldenCase, context: KindContext): Promise<void>
}

export function defineKind(kind: Omit<Kind, 'casesIn'> & Partial<Pick<Kind, 'casesIn'>>): Kind {
  return { casesIn: 'cases', ...kind }
}

/** Whether the file's `what` speaks of it. */
export function isAbout(file: JsonRecord, words: RegExp): boolean {
  const what = file['what']
  return typeof what === 'string' && words.test(what)
}
