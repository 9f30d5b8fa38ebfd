import type { Coding, ColumnCoding, Part } from '../core/prepared.ts'
import type { ItemView } from '../core/taskView.ts'
import { noToken } from './textTokens.ts'
import { createTokenizer } from './tokenizers/registry.ts'
import { widthOf } from './table/columns.ts'

/** An item of a part as people see it: its picture, or the cells of its row; null where there is neither. */
export function itemView(
  { arrays, count }: Part,
  place: number,
  { facts, table, tokenizer }: Coding,
): ItemView | null {
  const { pixels, features, texts } = arrays
  const textOf = (): string | null => {
    if (texts === undefined || tokenizer === null) return null
    const length = texts.length / count
    const tokens = texts.subarray(place * length, (place + 1) * length)
    return createTokenizer(tokenizer).decode(tokens.filter((token) => token !== noToken))
  }
  if (facts.image !== undefined && pixels instanceof Uint8Array) {
    const perItem = pixels.length / count
    const own = pixels.slice(place * perItem, (place + 1) * perItem)
    const picture = { kind: 'picture', ...facts.image, pixels: own } as const
    const caption = textOf()
    return caption === null ? picture : { ...picture, caption }
  }
  if (table === undefined || !(features instanceof Float32Array)) return null
  const perItem = features.length / count
  let at = place * perItem
  const cells = table.inputs.map((coding) => {
    const own = features.subarray(at, (at += widthOf(coding)))
    return [coding.name, cellOf(coding, own)] as const
  })
  const text = textOf()
  return { kind: 'row', cells: text === null ? cells : [['text', text], ...cells] }
}

/** What a standardised number was, to as many decimals as its 32 bits are good for. */
function standsFor(number: number, { mean, deviation }: { mean: number; deviation: number }): string {
  const rounding = deviation * Math.max(1, Math.abs(number)) * 2 ** -20
  const decimals = Math.min(20, Math.max(0, Math.floor(-Math.log10(rounding))))
  return String(Number((number * deviation + mean).toFixed(decimals)))
}

/** A missing number stands as the mean that took its place. */
function cellOf(coding: ColumnCoding, numbers: Float32Array): string {
  if (coding.kind === 'number') {
    return standsFor(numbers[0]!, coding)
  }
  const chosen = numbers.indexOf(1)
  return coding.kind === 'text' || chosen < 0 ? '' : coding.values[chosen]!
}
