/** An added token that is taken out of texts as it is. */
export function addedToken(content: string, id: number): object {
  return { id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true }
}

/** The content of a `tokenizer.json`, as `tokenizers` of Hugging Face reads it. */
export function tokenizerJson(parts: {
  readonly added: readonly object[]
  readonly normalizer: object | null
  readonly pre_tokenizer: object
  readonly decoder: object
  readonly model: object
}): object {
  const { added, normalizer, pre_tokenizer, decoder, model } = parts
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: added,
    normalizer,
    pre_tokenizer,
    post_processor: null,
    decoder,
    model,
  }
}
