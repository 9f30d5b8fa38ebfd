/** All that decides what a step makes: its key is the SHA-256 of this as canonical JSON. */
export interface StepIdentity {
  readonly step: string
  /** Of the step's own code. */
  readonly version: number
  /** Versions of the registered parts that it calls, by name: a tokenizer, a split. */
  readonly parts: Readonly<Record<string, number>>
  readonly config: unknown
  /** null where the step draws nothing. */
  readonly seed: number | null
  /** Keys of its inputs, by name. */
  readonly inputs: Readonly<Record<string, string>>
}

/** What became of an entry: kept, given up for room, found damaged, or made and never kept. */
export type EntryState = 'kept' | 'evicted' | 'corrupted' | 'unkept'

/** What is known of an entry. It outlives the content, to tell later why it had to be made again. */
export interface StepRecord {
  readonly key: string
  readonly identity: StepIdentity
  /** What making it took, without its inputs. */
  readonly seconds: number
  readonly sizeBytes: number
  /** Of the content. */
  readonly sha256: string
  /** Milliseconds since the epoch. */
  readonly usedAt: number
  readonly state: EntryState
}

/** Why an entry was not kept. */
export type Unkept = 'over-budget' | 'disk-full'

/** What steps made, by key. All or nothing: an entry is there whole or not at all. */
export interface StepStore {
  /**
   * The content, compared with its SHA-256, and its use noted. null where there is none; a damaged one is deleted first.
   */
  get(key: string): Promise<{ readonly bytes: Uint8Array; readonly record: StepRecord } | null>
  /** Evicts the least recently used for it. A full disk is no error. Gives null where it is kept, else why it is not. */
  put(entry: Pick<StepRecord, 'key' | 'identity' | 'seconds'>, bytes: Uint8Array): Promise<Unkept | null>
  /** Deletes content that cannot be read. */
  discard(key: string): Promise<void>
  /** Of all entries of a step that are remembered, kept or not. */
  records(step: string): Promise<StepRecord[]>
}

/** One thing that is other than it was when the step was made last. */
export interface StepChange {
  readonly of: 'code' | 'setting' | 'seed' | 'input'
  /** Path of the setting, name of the input or of the part whose code changed; empty for the step's own code. */
  readonly name: string
  /** Left out for inputs: hashes tell nobody anything. */
  readonly before?: unknown
  readonly now?: unknown
}

/** Why a step was computed. */
export type StepReason =
  | { readonly kind: 'never' | Exclude<EntryState, 'kept'> }
  | { readonly kind: 'changed'; readonly changes: readonly StepChange[] }

/** What was done for one step. */
export interface StepReport {
  readonly step: string
  readonly title: string
  readonly key: string
  /** `spared`: what it would have been needed for was there. */
  readonly outcome: 'reused' | 'computed' | 'spared'
  /** Why it was computed; null where it was not. */
  readonly reason: StepReason | null
  /** What this took now: computing, or reading what is stored. */
  readonly seconds: number
  /** What computing it took; 0 where that is not known. */
  readonly costSeconds: number
  readonly sizeBytes: number
  /** Why it could not be kept; null where it is. */
  readonly unkept: Unkept | null
}

/** Time that was not spent, beyond what reading took. */
export function savedSeconds(reports: readonly StepReport[]): number {
  const saved = reports.filter(({ outcome }) => outcome !== 'computed')
  return Math.max(
    0,
    saved.reduce((sum, { costSeconds, seconds }) => sum + costSeconds - seconds, 0),
  )
}

/** Keys to give up, the least recently used first, so that `neededBytes` more fit; null where they cannot. */
export function evictionPlan(
  entries: readonly Pick<StepRecord, 'key' | 'sizeBytes' | 'usedAt'>[],
  options: { neededBytes: number; budgetBytes: number; pinned: ReadonlySet<string> },
): string[] | null {
  const { neededBytes, budgetBytes, pinned } = options
  if (neededBytes > budgetBytes) return null
  let total = entries.reduce((sum, { sizeBytes }) => sum + sizeBytes, neededBytes)
  const keys: string[] = []
  for (const { key, sizeBytes } of [...entries].sort((a, b) => a.usedAt - b.usedAt)) {
    if (total <= budgetBytes) break
    if (pinned.has(key)) continue
    keys.push(key)
    total -= sizeBytes
  }
  return total <= budgetBytes ? keys : null
}

/** Records of entries that are gone are remembered up to so many a step, the latest. */
export const rememberedPerStep = 32

/** Keys of records that are remembered no longer. */
export function forgotten(records: readonly StepRecord[]): string[] {
  return records
    .filter(({ state }) => state !== 'kept')
    .sort((a, b) => b.usedAt - a.usedAt)
    .slice(rememberedPerStep)
    .map(({ key }) => key)
}
