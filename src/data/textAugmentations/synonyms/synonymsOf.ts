import table from './table.txt?raw'

let known: ReadonlyMap<string, readonly string[]> | null = null

/** English words of the same commonest meaning as a word in lower case and its basic form; none where none is known. */
export function synonymsOf(word: string): readonly string[] {
  known ??= new Map(
    table.split('\n').flatMap((line) => {
      const [first, ...others] = line.split(' ')
      return others.length === 0 || first!.startsWith('#') ? [] : [[first!, others] as const]
    }),
  )
  return known.get(word) ?? []
}
