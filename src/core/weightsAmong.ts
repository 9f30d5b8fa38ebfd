/** Somebody's weights with what people keep beside them. */
export interface WeightsAmong<T> {
  /** A `.safetensors` file. */
  readonly weights: T
  /** The `config.json`; null where there is none. */
  readonly config: T | null
  /** The `tokenizer.json`; null where there is none. */
  readonly tokenizer: T | null
}

/** The one file of weights among `files`, with what lies beside it; null where they are something else. */
export function weightsAmong<T>(files: readonly T[], nameOf: (file: T) => string): WeightsAmong<T> | null {
  const named = files.map((file) => ({ file, name: nameOf(file).toLowerCase() }))
  const weights = named.filter(({ name }) => name.endsWith('.safetensors'))
  const isBeside = (name: string) => name.endsWith('.json') || /^(vocab|merges)\.txt$/.test(name)
  if (weights.length !== 1 || !named.every(({ name }) => name === weights[0]!.name || isBeside(name)))
    return null
  const fileOf = (wanted: string) => named.find(({ name }) => name === wanted)?.file ?? null
  return { weights: weights[0]!.file, config: fileOf('config.json'), tokenizer: fileOf('tokenizer.json') }
}
