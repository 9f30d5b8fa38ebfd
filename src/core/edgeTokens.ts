/** Stands before the first token of what is written; ids follow those of the tokenizer, which has neither. */
export const startToken = (vocabSize: number): number => vocabSize
/** Ends what is written. */
export const endToken = (vocabSize: number): number => vocabSize + 1
/** Tokens that are read and written, with both. */
export const vocabSizeWithEdges = (vocabSize: number): number => vocabSize + 2
