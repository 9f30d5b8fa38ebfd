import { type AttentionShape, keyStreams, positionsAtOnce } from './attentionProgram.ts'
import { forRows, loadOwn, partCount, partOfRow, prepareRow } from './attentionRows.ts'

/** What the programs have in common where a thread keeps whole rows of its own. */

export const everyPart = (shape: AttentionShape, line: (part: number) => string): string =>
  Array.from({ length: partCount(shape) }, (_, part) => line(part)).join('\n')

/** Dot product of own parts `own0`, … with the parts of a row that all threads read, in four sums. */
export function dotRow(shape: AttentionShape, own: string, name: string, k: number): string {
  const terms = Array.from({ length: partCount(shape) }, (_, i) => {
    return `${own}${i} * ${partOfRow(shape.source, name, k, i)}`
  })
  return `dot(${terms.join(' + ')}, vec4<f32>(1.0))`
}

/** Rounds of `keysAtOnce` keys, with `row`, the first, and `f0`, …, what the weight of each is multiplied by. */
export function forKeys(shape: AttentionShape, body: string): string {
  const count = shape.keysAtOnce
  const rows = Array.from({ length: count }, (_, k) => {
    const { source } = shape
    const at = count === 1 ? 'row' : `min(row + ${k}u, end - 1u)`
    return `let row${k} = ${at};\n${prepareRow(source, keyStreams, k, partCount(shape))}`
  })
  const threads = positionsAtOnce(shape, shape.queries)
  const loop = { first: 'first', end: 'end', atOnce: count, parts: partCount(shape), threads }
  return forRows(shape.source, keyStreams, {
    ...loop,
    body: `${rows.join('\n')}\n${factors(shape)}\n${body}`,
  })
}

/** `f0`, …: four keys share a draw where they begin a block of four. */
function factors({ keysAtOnce, keys, hasDropout }: AttentionShape): string {
  if (keysAtOnce === 4 && hasDropout && keys % 4 === 0) {
    const block = '(stats_at * KEYS + row) / 4u'
    const draw = `let block = dropout_factors(u.dropout, counter[0], ${block});`
    return [draw, ...[0, 1, 2, 3].map((k) => `let f${k} = block[${k}];`)].join('\n')
  }
  return Array.from({ length: keysAtOnce }, (_, k) => `let f${k} = factor_at(stats_at, row + ${k}u);`).join(
    '\n',
  )
}

export const loadOwnQuery = (shape: AttentionShape): string =>
  loadOwn('q', shape, (part) => `q_turned(own_at, ${part}, position) * SCORE_SCALE`)
