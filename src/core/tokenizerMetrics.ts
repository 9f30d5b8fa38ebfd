/** How a tokenizer does on a text. Plain data. */
export interface TokenizerMetrics {
  /** Of UTF-8. */
  readonly bytes: number
  readonly tokens: number
  /** Runs between white space. */
  readonly words: number
  /** Compression. */
  readonly bytesPerToken: number
  /** Fertility. */
  readonly tokensPerWord: number
  /** Tokens that stand for something unknown, of all tokens. */
  readonly unknownShare: number
  /** Lines that come back from their tokens as they were, of all lines. */
  readonly roundTripShare: number
  readonly vocabSize: number
  /** Tokens that occur, of the vocabulary. */
  readonly vocabularyUse: number
}
