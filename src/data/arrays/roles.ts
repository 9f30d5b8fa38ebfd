import type { NamedArray } from '../reading/held.ts'

/** What an array is for, told from its name as sets of arrays are commonly named (`x_train`, `test_labels`, `X`, `y`). */
export type Role = 'label' | 'caption' | 'classes' | 'items'

const labelName = /^(y|labels?|targets?|class|classes|category|categories)$/i
const captionName = /^(captions?|texts?|descriptions?|sentences?)$/i
const classesName = /^(class_?names?|label_?names?|target_?names?|categories)$/i
const partName = /(^|[_\-. ])(train(ing)?|test|val(idation)?|valid|dev)(?=$|[_\-. ])/i

/** The part of a set that a name says (`train`, `test`, …; empty for none), and the name without it. */
export function partOf(name: string): { part: string; own: string } {
  const found = partName.exec(name)
  if (!found) return { part: '', own: name }
  const own = (name.slice(0, found.index) + name.slice(found.index + found[0].length)).replace(
    /^[_\-. ]+|[_\-. ]+$/g,
    '',
  )
  return { part: found[2]!.toLowerCase(), own }
}

export function roleOf({ name, shape, values }: NamedArray): Role {
  const { own } = partOf(name)
  const isText = Array.isArray(values)
  if (isText && classesName.test(own)) return 'classes'
  if (isText && captionName.test(own)) return 'caption'
  const isLine = shape.length === 1 || (shape.length === 2 && (shape[1] === 1 || isOneHot(values, shape[1]!)))
  return isLine && labelName.test(own) ? 'label' : 'items'
}

/** Whether each row has a single one among zeros. */
export function isOneHot(values: NamedArray['values'], width: number): boolean {
  if (width < 2 || values.length === 0) return false
  for (let row = 0; row < values.length; row += width) {
    let ones = 0
    for (let i = row; i < row + width; i++) {
      const value = Number(values[i])
      if (value === 1) ones++
      else if (value !== 0) return false
    }
    if (ones !== 1) return false
  }
  return true
}

/** One text an item: the name of its class where there are names, else what the array holds. */
export function labelTexts({ shape, values }: NamedArray, names: readonly string[] | null): string[] {
  const width = shape[1] ?? 1
  const count = shape[0]!
  return Array.from({ length: count }, (_, i) => {
    let value: unknown = values[i * width]
    if (width > 1)
      value = Array.from({ length: width }, (_one, k) => Number(values[i * width + k])).indexOf(1)
    return names?.[Number(value)] ?? String(value)
  })
}
