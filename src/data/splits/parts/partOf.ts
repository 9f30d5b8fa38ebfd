export type PartName = 'train' | 'validation' | 'test'

const words: Readonly<Record<string, PartName>> = {
  train: 'train',
  training: 'train',
  val: 'validation',
  valid: 'validation',
  validation: 'validation',
  dev: 'validation',
  test: 'test',
  testing: 'test',
}

/** The part of a set that a word means, in any case; null for any other word. */
export function partOf(word: string): PartName | null {
  const name = word.toLowerCase()
  return Object.hasOwn(words, name) ? words[name]! : null
}
