/** The words of a text, and of each whether it is one that another text does not have in that order. */
export function changedWords(before: string, after: string): { word: string; isNew: boolean }[] {
  const [a, b] = [before, after].map((text) => text.split(/\s+/).filter((word) => word !== '')) as [
    string[],
    string[],
  ]
  // Lengths of the longest common subsequences of what follows: [a, b].
  const common = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1))
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      common[i]![j] =
        a[i] === b[j] ? common[i + 1]![j + 1]! + 1 : Math.max(common[i + 1]![j]!, common[i]![j + 1]!)
  let i = 0
  return b.map((word, j) => {
    while (i < a.length && a[i] !== word && common[i + 1]![j]! >= common[i]![j + 1]!) i++
    const isNew = a[i] !== word
    if (!isNew) i++
    return { word, isNew }
  })
}
