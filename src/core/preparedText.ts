/** Token ids in the smallest type that holds the vocabulary. */
export type TokenArray = Uint8Array | Uint16Array | Int32Array

/** A trained tokenizer as plain JSON: enough to encode and decode, and what a checkpoint holds. */
export interface TokenizerRecord {
  kind: string
  state: unknown
}

/** Token arrays made from a text by transforms, a tokenizer and a split. A cache: can always be made again. */
export interface PreparedText {
  /** SHA-256 over content hash, step, code versions and the parts of the config that matter. */
  key: string
  train: TokenArray
  validation: TokenArray
  vocabSize: number
  tokenizer: TokenizerRecord
  sizeBytes: number
}
