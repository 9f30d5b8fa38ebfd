import type { StoredType } from '../../backend/storedType.ts'
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
  /** How queries, keys, values and what comes of them are stored; gradients are f32. */
  readonly stored: StoredType
  /** Loads and stores of own rows as loops: LLVM takes seconds for them unrolled, GPUs want them unrolled. */
  readonly isRolled: boolean
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

/** The element type of buffers of heads that are stored so. */
export function partType(shape: RowShape, stored: StoredType): string {
  return isAligned(shape) ? `vec4<${stored}>` : stored
}

/** `<name>_part(at, part)`: four elements of the head at element `at`, with zeros behind its end. */
export function loadFunction(name: string, buffer: string, shape: RowShape): string {
  const element = (c: number): string =>
    shape.headDim % 4 === 0
      ? `f32(${buffer}[at + part * 4u + ${c}u])`
      : `select(0.0, f32(${buffer}[at + part * 4u + ${c}u]), part * 4u + ${c}u < HEAD_DIM)`
  const value = isAligned(shape) ? `vec4<f32>(${buffer}[at / 4u + part])` : lanesOf(element)
  return `fn ${name}_part(at: u32, part: u32) -> vec4<f32> { return ${value}; }\n`
}

/**
 * `<name>_turned(at, part, position)`: the same, rotated by its position where there are rotary positions; then also
 * `<name>_partner(at, part, x)`: what part x is rotated with.
 */
export function turnedFunction(name: string, buffer: string, shape: RowShape): string {
  const turn = `let factors = (position * PARTS + part) * 2u;
  return x * turns[factors] + ${name}_partner(at, part, x) * turns[factors + 1u];`
  return `${partnerFunction(name, buffer, shape)}
fn ${name}_turned(at: u32, part: u32, position: u32) -> vec4<f32> {
  let x = ${name}_part(at, part);
  ${shape.rotary === null ? 'return x;' : turn}
}
`
}

/** `<name>_part` and, where there are rotary positions, `<name>_partner(at, part, x)`. */
export function partnerFunction(name: string, buffer: string, shape: RowShape): string {
  const whole = loadFunction(name, buffer, shape)
  if (shape.rotary === null) return whole
  return `${whole}fn ${name}_partner(at: u32, part: u32, x: vec4<f32>) -> vec4<f32> {
  ${partnerLoad(name, buffer, shape, shape.rotary)}
  return partner;
}
`
}

function partnerLoad(name: string, buffer: string, shape: RowShape, rotary: RotaryOptions): string {
  if (rotary.style === 'interleaved') return 'let partner = x.yxwz;'
  const half = rotary.rotaryDim / 2
  if (isAligned(shape)) {
    // Selected rather than branched on: a divergent branch costs compilers of rasterisers much.
    return `let ahead = part < ${half / 4}u;
  let other = select(select(part, part - ${half / 4}u, part < ${half / 2}u), part + ${half / 4}u, ahead);
  let partner = ${name}_part(at, other);`
  }
  return `var partner = x;
  for (var c = 0u; c < 4u; c++) {
    let element = part * 4u + c;
    if (element < ${half}u) { partner[c] = f32(${buffer}[at + element + ${half}u]); }
    else if (element < ${rotary.rotaryDim}u) { partner[c] = f32(${buffer}[at + element - ${half}u]); }
  }`
}

const numbered = (shape: RowShape, line: (part: number) => string): string =>
  Array.from({ length: partCount(shape) }, (_, part) => line(part)).join('\n')

/** Declares `name0`, `name1`, …: `value` is a WGSL expression of a part. Rolled loops end at the variable `parts`. */
export function loadOwn(name: string, shape: RowShape, value: (part: string) => string): string {
  if (!shape.isRolled) return numbered(shape, (i) => `let ${name}${i} = ${value(`${i}u`)};`)
  return `var all_${name}: array<vec4<f32>, ${partCount(shape)}>;
  for (var i = 0u; i < parts; i++) { all_${name}[i] = ${value('i')}; }
  ${numbered(shape, (i) => `let ${name}${i} = all_${name}[${i}];`)}`
}

/** A statement for each part that {@link loadOwn} loaded, from its index and its value. */
export function forOwn(name: string, shape: RowShape, line: (part: string, own: string) => string): string {
  if (!shape.isRolled) return numbered(shape, (i) => line(`${i}u`, `${name}${i}`))
  return `for (var i = 0u; i < parts; i++) { ${line('i', `all_${name}[i]`)} }`
}

/** Where rows go: turned back where `isTurned`, since the gradient of a rotation is its inverse. */
export interface RowTarget {
  readonly buffer: string
  /** Element of the head, a WGSL variable. */
  readonly at: string
  /** Multiplies what is written. */
  readonly factor: string
  readonly isTurned: boolean
  readonly stored: StoredType
}

/** Writes the parts `name0`, `name1`, … */
export function storeOwn(name: string, shape: RowShape, to: RowTarget): string {
  if (!shape.isRolled) {
    return numbered(shape, (i) =>
      storePart(shape, to, `${i}u`, { own: `${name}${i}`, partner: knownPartner(name, i, shape.rotary) }),
    )
  }
  const parts = Array.from({ length: partCount(shape) }, (_, i) => `${name}${i}`)
  return `var out_${name} = array<vec4<f32>, ${parts.length}>(${parts.join(', ')});
  ${storeArray(`out_${name}`, shape, to)}`
}

/** Writes the parts of the array `all` in a loop. */
export function storeArray(all: string, shape: RowShape, to: RowTarget): string {
  const partner = rolledPartner(all, shape.rotary)
  return `for (var i = 0u; i < parts; i++) { ${storePart(shape, to, 'i', { own: `${all}[i]`, partner })} }`
}

/** Writes part `part`, a u32 expression; `partner` is what it was turned with. */
export function storePart(
  shape: RowShape,
  { buffer, at, factor, isTurned, stored }: RowTarget,
  part: string,
  { own, partner }: { own: string; partner: string },
): string {
  const turns = `turns[(position * PARTS + ${part}) * 2u`
  const value = isTurned && shape.rotary !== null ? `(${own} * ${turns}] - ${partner} * ${turns} + 1u])` : own
  if (isAligned(shape)) return `${buffer}[${at} / 4u + ${part}] = vec4<${stored}>(${value} * ${factor});`
  return `{ let values = ${value} * ${factor};
      for (var c = 0u; c < 4u; c++) {
        if (${part} * 4u + c < HEAD_DIM) { ${buffer}[${at} + ${part} * 4u + c] = ${stored}(values[c]); }
      } }`
}

/** What part `part` of `name0`, `name1`, … was turned with. */
function knownPartner(name: string, part: number, rotary: RotaryOptions | null): string {
  if (rotary === null) return ''
  return lanesOf((c) => {
    const element = rotaryPartner(part * 4 + c, rotary)
    return `${name}${element >> 2}[${element & 3}]`
  })
}

/** The same for part `i` of an array. */
function rolledPartner(all: string, rotary: RotaryOptions | null): string {
  if (rotary === null) return ''
  if (rotary.style === 'interleaved') return `${all}[i].yxwz`
  const half = rotary.rotaryDim / 2
  const index = (element: string): string =>
    `select(select(${element}, ${element} - ${half}u, ${element} < ${half * 2}u), ${element} + ${half}u, ${element} < ${half}u)`
  if (half % 4 === 0) return `${all}[${index('(i * 4u)')} / 4u]`
  return lanesOf((c) => `${all}[${index(`(i * 4u + ${c}u)`)} / 4u][${index(`(i * 4u + ${c}u)`)} % 4u]`)
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
  return `for (var tile = ${first}; tile < ${end}; tile += ${source.rows}u) {
    ${fillTile(source.rows, streams, { end, parts, threads })}
    for (var row = tile; row < min(tile + ${source.rows}u, ${end}); row += ${atOnce}u) {
      ${body}
    }
  }`
}

/** Loads the rows from `tile` on, the last one again in places past the end. */
export function fillTile(
  rows: number,
  streams: readonly Stream[],
  { end, parts, threads }: { end: string; parts: number; threads: number },
): string {
  const loads = streams.map(({ name, load }) => `tile_${name}[i] = ${load('place', `i % ${parts}u`)};`)
  return `workgroupBarrier();
    for (var i = thread; i < ${rows * parts}u; i += ${threads}u) {
      let place = min(tile + i / ${parts}u, ${end} - 1u);
      ${loads.join('\n')}
    }
    workgroupBarrier();`
}
