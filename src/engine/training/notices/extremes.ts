interface Named {
  readonly name: string
  readonly value: number
}

/** The least and the most of some numbers by name; null where there are fewer than two. */
export function extremes(numbers: Readonly<Record<string, number>>): { least: Named; most: Named } | null {
  const sorted = Object.entries(numbers)
    .map(([name, value]): Named => ({ name: name.replace(/\.$/, ''), value }))
    .sort((a, b) => a.value - b.value)
  return sorted.length < 2 ? null : { least: sorted[0]!, most: sorted.at(-1)! }
}
