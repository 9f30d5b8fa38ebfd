import { type AttentionShape, chunksOf, isInTeams, positionsAtOnce } from './attentionProgram.ts'
import {
  fillTile,
  partCount,
  partOfRow,
  prepareRow,
  type RowTarget,
  storeArray,
  storePart,
  type Stream,
  tileMemory,
} from './attentionRows.ts'

/**
 * Long heads in chunks, so that neither registers nor compile time grow with the head: for a block of streamed rows, all
 * products of own rows with them, from those the weights, and with those the sums. Either a team of threads has a chunk
 * each and meets in workgroup memory, or one thread goes through the chunks of arrays of its own.
 */
export interface Chunks {
  readonly shape: AttentionShape
  readonly isTeam: boolean
  readonly count: number
  /** vec4 of a chunk. */
  readonly parts: number
  /** Streamed rows of a block. */
  readonly rows: number
  /** Own rows of a workgroup. */
  readonly positions: number
}

/** What one thread alone goes through at once: enough to be worth fetching its chunks. */
const rowsAlone = 32

/** Bytes of workgroup memory for each streamed row of a block, where teams of up to 64 threads compute it. */
export function bytesOfRow(parts: number): number {
  const [streams, products, weights, threads] = [2, 2, 2, 64]
  return streams * parts * 16 + (products * threads + weights * (threads / 2)) * 4
}

export function chunksFor(shape: AttentionShape, length: number): Chunks {
  const { source } = shape
  return {
    shape,
    isTeam: isInTeams(shape),
    ...chunksOf(shape),
    rows: source.kind === 'tile' ? source.rows : rowsAlone,
    positions: positionsAtOnce(shape, length),
  }
}

const eachPart = ({ parts }: Chunks, line: (i: number) => string): string =>
  Array.from({ length: parts }, (_, i) => line(i)).join('\n')

/** Part `i` of the chunk as a part of the head; the last one again for those past the end of a last chunk. */
function partAt({ shape, count, parts }: Chunks, i: string): string {
  const part = `chunk * ${parts}u + ${i}`
  return count * parts > partCount(shape) ? `min(${part}, PARTS - 1u)` : part
}

const isThere = ({ parts }: Chunks, i: number): string => `chunk * ${parts}u + ${i}u < PARTS`

/** Numbers of which each own row has one for each row of a block. */
export interface Scratch {
  readonly products: number
  readonly weights: number
}

/** Declarations outside of `main`. */
export function sharedMemory(chunks: Chunks, streams: readonly Stream[], scratch: Scratch): string {
  const { shape, isTeam, rows, positions, count } = chunks
  if (!isTeam) return ''
  const arrays = [
    ...Array.from(
      { length: scratch.products },
      (_, j) => `products${j}: array<f32, ${rows * positions * count}>`,
    ),
    ...Array.from({ length: scratch.weights }, (_, j) => `weights${j}: array<f32, ${rows * positions}>`),
  ]
  const shared = arrays.map((array) => `var<workgroup> ${array};\n`).join('')
  return `${tileMemory(shape.source, streams, partCount(shape))}${shared}`
}

/** Declarations at the beginning of `main`. */
export function ownMemory({ isTeam, rows, count }: Chunks, scratch: Scratch): string {
  if (isTeam) return `let chunk = thread % ${count}u;\nlet team = thread / ${count}u;`
  return [
    ...Array.from({ length: scratch.products }, (_, j) => `var products${j}: array<f32, ${rows}>;`),
    ...Array.from({ length: scratch.weights }, (_, j) => `var weights${j}: array<f32, ${rows}>;`),
  ].join('\n')
}

function forChunks({ isTeam, parts }: Chunks, body: string): string {
  return isTeam ? `{ ${body} }` : `for (var chunk = 0u; chunk * ${parts}u < parts; chunk++) { ${body} }`
}

/** Own rows: `value` is a WGSL expression of a part. */
export function loadChunks(chunks: Chunks, name: string, value: (part: string) => string): string {
  const { isTeam, count, parts, shape } = chunks
  const whole = count * parts === partCount(shape)
  const lines = eachPart(chunks, (i) => {
    const loaded = value(partAt(chunks, `${i}u`))
    const part = whole ? loaded : `select(vec4<f32>(0.0), ${loaded}, ${isThere(chunks, i)})`
    return isTeam ? `let ${name}${i} = ${part};` : `all_${name}[chunk * ${parts}u + ${i}u] = ${part};`
  })
  return isTeam ? lines : `${zeroChunks(chunks, name)}\n${forChunks(chunks, lines)}`
}

/** A statement for each part that {@link loadChunks} loaded, from its index and its value, which is 0 past the end. */
export function forOwnChunks(
  chunks: Chunks,
  name: string,
  line: (part: string, own: string) => string,
): string {
  const lines = eachPart(chunks, (i) => line(partAt(chunks, `${i}u`), `${name}${i}`))
  return forChunks(chunks, `${take(chunks, 'let', name)}\n${lines}`)
}

/** Sums of own rows, zero to begin with. */
export function zeroChunks(chunks: Chunks, name: string): string {
  const { isTeam, count, parts } = chunks
  if (!isTeam) return `var all_${name}: array<vec4<f32>, ${count * parts}>;`
  return eachPart(chunks, (i) => `var ${name}${i} = vec4<f32>(0.0);`)
}

function take(chunks: Chunks, kind: 'let' | 'var', name: string): string {
  if (chunks.isTeam) return ''
  return eachPart(chunks, (i) => `${kind} ${name}${i} = all_${name}[chunk * ${chunks.parts}u + ${i}u];`)
}

function putBack(chunks: Chunks, name: string): string {
  if (chunks.isTeam) return ''
  return eachPart(chunks, (i) => `all_${name}[chunk * ${chunks.parts}u + ${i}u] = ${name}${i};`)
}

/** Declarations before the chunk of row `tile + k` is used. */
function prepareChunk(chunks: Chunks, streams: readonly Stream[]): string {
  const { shape, parts } = chunks
  if (shape.source.kind === 'tile') return 'let row_at = k * PARTS;'
  const cut = streams.map(({ name, load }) => ({
    name,
    load: (row: string, part: string) => load(row, partAt(chunks, part)),
  }))
  return `let row0 = row;\n${prepareRow(shape.source, cut, 0, parts)}`
}

function partOfChunk(chunks: Chunks, name: string, i: number): string {
  const { source } = chunks.shape
  return source.kind === 'tile'
    ? `tile_${name}[row_at + ${partAt(chunks, `${i}u`)}]`
    : partOfRow(source, name, 0, i)
}

/** `body` for each row `row` of a block, shared out among the threads of a team, with `at`, where its weights are. */
export function forShare({ isTeam, count, positions }: Chunks, body: string): string {
  const [first, step, at] = isTeam
    ? ['tile + chunk', `${count}u`, `k * ${positions}u + team`]
    : ['tile', '1u', 'k']
  return `for (var row = ${first}; row < tile_end; row += ${step}) {
      let k = row - tile;
      let at = ${at};
      ${body}
    }`
}

export const meet = ({ isTeam }: Chunks): string => (isTeam ? 'workgroupBarrier();' : '')

/** Makes `name` the sum of `value` over the team; all threads have to come here. */
export function teamSum({ isTeam, count }: Chunks, name: string, value: string): string {
  if (!isTeam) return `let ${name} = ${value};`
  return `workgroupBarrier();
  products0[thread] = ${value};
  workgroupBarrier();
  var ${name} = 0.0;
  for (var c = 0u; c < ${count}u; c++) { ${name} += products0[team * ${count}u + c]; }`
}

export interface ChunkLoop {
  /** u32 expressions, uniform over the workgroup. */
  readonly first: string
  readonly end: string
  readonly streams: readonly Stream[]
  /** Of own rows with streamed ones: `product0`, `product1`, … of `weigh`. */
  readonly products: readonly { readonly own: string; readonly stream: Stream }[]
  /** From `product0`, …, of row `row` to `weights0[at]`, … */
  readonly weigh: string
  /** When all weights of a block are there. */
  readonly adjust?: string
  /** `weights<j>` times the stream are added to sum j, which is multiplied by `factor` before. */
  readonly sums: readonly { readonly name: string; readonly stream: Stream; readonly factor?: string }[]
}

export function forBlocks(chunks: Chunks, loop: ChunkLoop): string {
  const { isTeam, shape, rows, count, positions } = chunks
  const { first, end, streams, products, sums } = loop
  const threads = positions * count
  const tile = { end, parts: partCount(shape), threads }
  const summed = products.map((_, j) =>
    isTeam
      ? `var product${j} = 0.0;
      for (var c = 0u; c < ${count}u; c++) { product${j} += products${j}[k * ${threads}u + team * ${count}u + c]; }`
      : `let product${j} = products${j}[k];`,
  )
  return `for (var tile = ${first}; tile < ${end}; tile += ${rows}u) {
    ${isTeam ? fillTile(rows, streams, tile) : ''}
    let tile_end = min(tile + ${rows}u, ${end});
    ${multiply(chunks, loop)}
    ${meet(chunks)}
    ${forShare(chunks, `${summed.join('\n')}\n${loop.weigh}`)}
    ${meet(chunks)}
    ${loop.adjust ?? ''}
    ${forChunks(chunks, addUp(chunks, sums))}
  }`
}

function multiply(chunks: Chunks, { products, streams }: ChunkLoop): string {
  const { isTeam, positions, count } = chunks
  const lines = products.map(({ own, stream }, j) => {
    const terms = Array.from(
      { length: chunks.parts },
      (_, i) => `${own}${i} * ${partOfChunk(chunks, stream.name, i)}`,
    )
    const product = `dot(${terms.join(' + ')}, vec4<f32>(1.0))`
    return isTeam
      ? `products${j}[k * ${positions * count}u + thread] = ${product};`
      : `products${j}[k] = select(products${j}[k], 0.0, chunk == 0u) + ${product};`
  })
  return forChunks(
    chunks,
    `${products.map(({ own }) => take(chunks, 'let', own)).join('\n')}
    for (var row = tile; row < tile_end; row++) {
      let k = row - tile;
      ${prepareChunk(
        chunks,
        streams.filter((stream) => products.some((product) => product.stream === stream)),
      )}
      ${lines.join('\n')}
    }`,
  )
}

function addUp(chunks: Chunks, sums: ChunkLoop['sums']): string {
  const at = chunks.isTeam ? `k * ${chunks.positions}u + team` : 'k'
  const begin = sums.map(({ name, factor }) => {
    const scale = factor === undefined ? '' : eachPart(chunks, (i) => `${name}${i} *= ${factor};`)
    return `${take(chunks, 'var', name)}\n${scale}`
  })
  const lines = sums.map(
    ({ name, stream }, j) => `let w${j} = weights${j}[${at}];
      ${eachPart(chunks, (i) => `${name}${i} += w${j} * ${partOfChunk(chunks, stream.name, i)};`)}`,
  )
  return `${begin.join('\n')}
    for (var row = tile; row < tile_end; row++) {
      let k = row - tile;
      ${prepareChunk(
        chunks,
        sums.map(({ stream }) => stream),
      )}
      ${lines.join('\n')}
    }
    ${sums.map(({ name }) => putBack(chunks, name)).join('\n')}`
}

/** Writes own rows where `isOwn`; of a team, all threads have to come here. `<buffer>_partner` reads f32 from the target. */
export function storeChunks(chunks: Chunks, name: string, to: RowTarget, isOwn: string): string {
  const { shape, isTeam } = chunks
  if (!isTeam) return `if (${isOwn}) { ${storeArray(`all_${name}`, shape, to)} }`
  const store = (target: RowTarget): string =>
    eachPart(chunks, (i) => {
      const part = { own: `${name}${i}`, partner: `partner_${name}${i}` }
      return `if (${isOwn} && ${isThere(chunks, i)}) { ${storePart(shape, target, `(${partAt(chunks, `${i}u`)})`, part)} }`
    })
  if (!to.isTurned || shape.rotary === null) return store(to)
  // Partners are in other threads: they meet in the target itself.
  return `${store({ ...to, isTurned: false, factor: '1.0' })}
  storageBarrier();
  ${eachPart(chunks, (i) => `let partner_${name}${i} = ${to.buffer}_partner(${to.at}, ${partAt(chunks, `${i}u`)}, ${name}${i});`)}
  storageBarrier();
  ${store(to)}`
}
