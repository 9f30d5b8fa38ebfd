import { type RotaryOptions } from './rotary.ts'
import { rotaryPartner } from './rotaryTable.ts'

/** Where the threads of a workgroup get the row from that all of them need at the same time. */
export type RowSource =
  /** Each loads it whole. */
  | { readonly kind: 'direct' }
  /** Each lane of a subgroup loads a part and broadcasts it: for compilers that turn equal loads into one per lane. */
  | { readonly kind: 'broadcast'; readonly lanes: 4 | 8 }
  /** From a tile of rows in workgroup memory. */
  | { readonly kind: 'tile'; readonly rows: number }

export interface RowShape {
  readonly headDim: number
  readonly rotary: RotaryOptions | null
}

export function partCount({ headDim }: RowShape): number {
  return Math.ceil(headDim / 4)
}

/** Whether parts of a head lie on vec4 borders and are turned with whole parts, so that buffers are bound as vec4. */
export function isAligned({ headDim, rotary }: RowShape): boolean {
  return (
    headDim % 4 === 0 && (rotary === null || rotary.style === 'interleaved' || rotary.rotaryDim % 8 === 0)
  )
}

const lanesOf = (line: (c: number) => string): string => `vec4<f32>(${[0, 1, 2, 3].map(line).join(', ')})`

/** `<name>_part(at, part)`: four elements of the head at element `at`, with zeros behind its end. */
export function loadFunction(name: string, buffer: string, shape: RowShape): string {
  const element = (c: number): string =>
    shape.headDim % 4 === 0
      ? `${buffer}[at + part * 4u + ${c}u]`
      : `select(0.0, ${buffer}[at + part * 4u + ${c}u], part * 4u + ${c}u < HEAD_DIM)`
  const value = isAligned(shape) ? `${buffer}[at / 4u + part]` : lanesOf(element)
  return `fn ${name}_part(at: u32, part: u32) -> vec4<f32> { return ${value}; }\n`
}

/** `<name>_turned(at, part, position)`: the same, rotated by its position where there are rotary positions. */
export function turnedFunction(name: string, buffer: string, shape: RowShape): string {
  const { rotary } = shape
  const whole = loadFunction(name, buffer, shape)
  const open = `fn ${name}_turned(at: u32, part: u32, position: u32) -> vec4<f32> {
  let x = ${name}_part(at, part);`
  if (rotary === null) return `${whole}${open}\n  return x;\n}\n`
  return `${whole}${open}
  ${partnerLoad(name, buffer, shape, rotary)}
  let factors = (position * PARTS + part) * 2u;
  return x * turns[factors] + partner * turns[factors + 1u];
}
`
}

function partnerLoad(name: string, buffer: string, shape: RowShape, rotary: RotaryOptions): string {
  if (rotary.style === 'interleaved') return 'let partner = x.yxwz;'
  const half = rotary.rotaryDim / 2
  if (isAligned(shape)) {
    return `var other = part;
  if (part < ${half / 4}u) { other = part + ${half / 4}u; } else if (part < ${half / 2}u) { other = part - ${half / 4}u; }
  let partner = ${name}_part(at, other);`
  }
  return `var partner = x;
  for (var c = 0u; c < 4u; c++) {
    let element = part * 4u + c;
    if (element < ${half}u) { partner[c] = ${buffer}[at + element + ${half}u]; }
    else if (element < ${rotary.rotaryDim}u) { partner[c] = ${buffer}[at + element - ${half}u]; }
  }`
}

/** The parts `name0`, `name1`, … turned back: the gradient of a rotation is its inverse. */
export function turnedBack(name: string, part: number, { rotary }: RowShape): string {
  if (rotary === null || part * 4 >= rotary.rotaryDim) return `${name}${part}`
  const partners = [0, 1, 2, 3].map((c) => rotaryPartner(part * 4 + c, rotary))
  const first = partners[0]!
  const isWhole = partners.every((element, c) => element === first + c) && first % 4 === 0
  const partner = isWhole
    ? `${name}${first / 4}`
    : `vec4<f32>(${partners.map((element) => `${name}${element >> 2}[${element & 3}]`).join(', ')})`
  const factors = `(position * PARTS + ${part}u) * 2u`
  return `${name}${part} * turns[${factors}] - ${partner} * turns[${factors} + 1u]`
}

/** Writes part `part` of the head at element `at`. */
export function storePart(
  buffer: string,
  at: string,
  write: { part: number; value: string; shape: RowShape },
): string {
  const { part, value, shape } = write
  if (isAligned(shape)) return `${buffer}[${at} / 4u + ${part}u] = ${value};`
  const inside = [0, 1, 2, 3].filter((c) => part * 4 + c < shape.headDim)
  const stores = inside.map((c) => `${buffer}[${at} + ${part * 4 + c}u] = stored[${c}];`)
  return `{ let stored = ${value}; ${stores.join(' ')} }`
}

/** A stream of rows that all threads read together: `load(row, part)` is a WGSL expression of a part of one. */
export interface Stream {
  readonly name: string
  readonly load: (row: string, part: string) => string
}

/** Declarations before row number `k` of a round is used; its index is the WGSL variable `row<k>`. */
export function prepareRow(source: RowSource, streams: readonly Stream[], k: number, parts: number): string {
  if (source.kind === 'tile') return `let slot${k} = (row${k} - tile) * ${parts}u;`
  const lines = streams.flatMap(({ name, load }) => {
    if (source.kind === 'direct') {
      return Array.from({ length: parts }, (_, i) => `let ${name}${k}_${i} = ${load(`row${k}`, `${i}u`)};`)
    }
    return Array.from({ length: Math.ceil(parts / source.lanes) }, (_, chunk) => {
      const part = `min(${chunk * source.lanes}u + lane % ${source.lanes}u, ${parts - 1}u)`
      return `let ${name}${k}_own${chunk} = ${load(`row${k}`, part)};`
    })
  })
  return lines.join('\n')
}

export function partOfRow(source: RowSource, name: string, k: number, part: number): string {
  if (source.kind === 'tile') return `tile_${name}[slot${k} + ${part}u]`
  if (source.kind === 'direct') return `${name}${k}_${part}`
  return `subgroupBroadcast(${name}${k}_own${Math.floor(part / source.lanes)}, ${part % source.lanes}u)`
}

export function tileMemory(source: RowSource, streams: readonly Stream[], parts: number): string {
  if (source.kind !== 'tile') return ''
  return streams
    .map(({ name }) => `var<workgroup> tile_${name}: array<vec4<f32>, ${source.rows * parts}>;\n`)
    .join('')
}

/**
 * Rounds of `atOnce` rows from `first` below `end`, both u32 expressions that are uniform over the workgroup, as the
 * barriers around a tile need it. `body` finds the first row of its round in `row`.
 */
export function forRows(
  source: RowSource,
  streams: readonly Stream[],
  loop: { first: string; end: string; atOnce: number; parts: number; threads: number; body: string },
): string {
  const { first, end, atOnce, parts, threads, body } = loop
  if (source.kind !== 'tile') {
    return `for (var row = ${first}; row < ${end}; row += ${atOnce}u) {\n${body}\n}`
  }
  const loads = streams.map(({ name, load }) => `tile_${name}[i] = ${load('from', `i % ${parts}u`)};`)
  return `for (var tile = ${first}; tile < ${end}; tile += ${source.rows}u) {
    workgroupBarrier();
    for (var i = thread; i < ${source.rows * parts}u; i += ${threads}u) {
      let from = min(tile + i / ${parts}u, ${end} - 1u);
      ${loads.join('\n')}
    }
    workgroupBarrier();
    for (var row = tile; row < min(tile + ${source.rows}u, ${end}); row += ${atOnce}u) {
      ${body}
    }
  }`
}
