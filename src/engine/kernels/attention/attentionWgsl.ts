import philox from '../dropout/philox.wgsl?raw'
import { bindings, constants, enabling, float } from '../wgsl.ts'
import { alibiSlopes } from './alibi.ts'
import {
  forOwn,
  forRows,
  loadFunction,
  partCount,
  partOfRow,
  partType,
  prepareRow,
  type RowShape,
  type RowSource,
  loadOwn,
  storeOwn,
  type Stream,
  tileMemory,
  turnedFunction,
} from './attentionRows.ts'

/** Constants baked into the three attention programs. */
export interface AttentionShape extends RowShape {
  readonly queries: number
  readonly keys: number
  readonly numHeads: number
  readonly numKeyHeads: number
  readonly isCausal: boolean
  readonly windowSize: number | null
  readonly hasAlibi: boolean
  readonly scale: number
  readonly hasKeyMask: boolean
  readonly hasDropout: boolean
  /** Queries, keys and values in one buffer. */
  readonly isPacked: boolean
  readonly source: RowSource
  /** Keys per round of the loops over keys: more save exponentials and mask draws, fewer save compile time. */
  readonly keysAtOnce: 1 | 4
}

/** Threads of a workgroup: one per position, in multiples of 8, so that short sequences leave few idle. */
export function attentionThreads(length: number): number {
  return Math.min(64, Math.ceil(length / 8) * 8)
}

const everyPart = (shape: AttentionShape, line: (part: number) => string): string =>
  Array.from({ length: partCount(shape) }, (_, part) => line(part)).join('\n')

/** Dot product of own parts `own0`, … with the parts of a row that all threads read, in four sums. */
function dotRow(shape: AttentionShape, own: string, name: string, k: number): string {
  const terms = Array.from({ length: partCount(shape) }, (_, i) => {
    return `${own}${i} * ${partOfRow(shape.source, name, k, i)}`
  })
  return `dot(${terms.join(' + ')}, vec4<f32>(1.0))`
}

/** Offsets in elements, and what a query sees. Scores are in base 2, so that exp2 makes them weights. */
function common(shape: AttentionShape, declarations: string): string {
  const { queries, keys, numHeads, numKeyHeads, headDim, isPacked, isCausal, windowSize, hasDropout } = shape
  const query = numHeads * headDim
  const kv = 2 * numKeyHeads * headDim
  const kvBuffer = isPacked ? 'q' : 'kv'
  const seen = [
    'key < KEYS',
    isCausal ? 'key <= query' : '',
    windowSize === null ? '' : `query < key + ${windowSize}u && key < query + ${windowSize}u`,
    shape.hasKeyMask ? 'key_mask[batch * KEYS + min(key, KEYS - 1u)] != 0' : '',
  ]
  const factor = `let index = row * KEYS + key;
  return dropout_factors(u.dropout, counter[0], index / 4u)[index % 4u];`
  const slopes = alibiSlopes(numHeads).map((slope) => float(slope * Math.LOG2E))
  return `${enabling(shape.stored)}${shape.source.kind === 'broadcast' ? 'enable subgroups;\n' : ''}${declarations}${hasDropout ? philox : ''}${constants(
    {
      QUERIES: queries,
      KEYS: keys,
      HEADS: numHeads,
      KEY_HEADS: numKeyHeads,
      GROUP: numHeads / numKeyHeads,
      HEAD_DIM: headDim,
      PARTS: partCount(shape),
      Q_WIDTH: isPacked ? query + kv : query,
      KV_WIDTH: isPacked ? query + kv : kv,
      KEYS_FROM: isPacked ? query : 0,
      SCALE: float(shape.scale),
      SCORE_SCALE: float(shape.scale * Math.LOG2E),
    },
  )}${shape.hasAlibi ? `const SLOPES = array<f32, ${numHeads}>(${slopes.join(', ')});\n` : ''}
${turnedFunction('q', 'q', shape)}${turnedFunction('kv', kvBuffer, shape)}
fn q_at(batch: u32, query: u32, head: u32) -> u32 { return (batch * QUERIES + query) * Q_WIDTH + head * HEAD_DIM; }
fn y_at(batch: u32, query: u32, head: u32) -> u32 { return ((batch * QUERIES + query) * HEADS + head) * HEAD_DIM; }
fn k_at(batch: u32, key: u32, key_head: u32) -> u32 {
  return (batch * KEYS + key) * KV_WIDTH + KEYS_FROM + key_head * HEAD_DIM;
}
fn v_at(batch: u32, key: u32, key_head: u32) -> u32 { return k_at(batch, key, key_head) + KEY_HEADS * HEAD_DIM; }
fn is_seen(batch: u32, query: u32, key: u32) -> bool { return ${seen.filter((rule) => rule !== '').join(' && ')}; }
fn bias_of(head: u32, query: u32, key: u32) -> f32 {
  return ${shape.hasAlibi ? '-SLOPES[head] * abs(f32(query) - f32(key))' : '0.0'};
}
// What the weight of key \`key\` is multiplied by; row counts [B, H, Tq].
fn factor_at(row: u32, key: u32) -> f32 { ${hasDropout ? factor : 'return 1.0;'} }
`
}

/** Dispatch: x over `length` positions by `attentionThreads`, y over heads, z over the batch. */
function entry(shape: AttentionShape, length: 'QUERIES' | 'KEYS', body: string): string {
  const threads = attentionThreads(length === 'QUERIES' ? shape.queries : shape.keys)
  const lane = shape.source.kind === 'broadcast' ? ', @builtin(subgroup_invocation_id) lane: u32' : ''
  return `@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32${lane}) {
  let batch = group.z;
  let tile_start = group.x * ${threads}u;
  let own = tile_start + thread;
  // Threads past the end do the last position's work again and write nothing.
  let position = min(own, ${length} - 1u);
${shape.isRolled ? '  // The constant, but hidden: LLVM would unroll the loops.\n  let parts = min(PARTS, arrayLength(&q));\n' : ''}${body}
}
`
}

/** Bindings that the programs share at their end, in the order of `sharedReads`. */
function reads(shape: AttentionShape, before: Record<string, string>): Record<string, string> {
  const type = partType(shape, shape.stored)
  return {
    q: type,
    ...(!shape.isPacked && { kv: type }),
    ...before,
    ...(shape.hasKeyMask && { key_mask: 'i32' }),
    ...(shape.rotary && { turns: 'vec4<f32>' }),
    ...(shape.hasDropout && { counter: 'vec2<u32>' }),
  }
}

const uniforms = (shape: AttentionShape): string => (shape.hasDropout ? 'dropout: Dropout' : '')

/** Keys that a workgroup's queries can see: `first` and `end`, uniform over the workgroup. */
function keyRange({ isCausal, windowSize, queries }: AttentionShape): string {
  const threads = attentionThreads(queries)
  const last = `tile_start + ${threads}u`
  const ends = [
    'KEYS',
    isCausal ? last : '',
    !isCausal && windowSize !== null ? `${last} + ${windowSize - 1}u` : '',
  ]
  const first =
    windowSize === null ? '0u' : `(max(tile_start, ${windowSize - 1}u) - ${windowSize - 1}u) / 4u * 4u`
  const end = ends.filter((bound) => bound !== '').reduce((a, b) => `min(${a}, ${b})`)
  return `let first = ${first};\n  let end = ${end};`
}

const keyStreams: readonly Stream[] = [
  { name: 'k', load: (row, part) => `kv_turned(k_at(batch, ${row}, key_head), ${part}, ${row})` },
  { name: 'v', load: (row, part) => `kv_part(v_at(batch, ${row}, key_head), ${part})` },
]

function forKeys(shape: AttentionShape, body: string): string {
  const count = shape.keysAtOnce
  const rows = Array.from({ length: count }, (_, k) => {
    const { source } = shape
    const at = count === 1 ? 'row' : `min(row + ${k}u, end - 1u)`
    return `let row${k} = ${at};\n${prepareRow(source, keyStreams, k, partCount(shape))}`
  })
  const threads = attentionThreads(shape.queries)
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

const loadOwnQuery = (shape: AttentionShape): string =>
  loadOwn('q', shape, (part) => `q_turned(own_at, ${part}, position) * SCORE_SCALE`)

const queryHead = `let head = group.y;
  let key_head = head / GROUP;
  let stats_at = (batch * HEADS + head) * QUERIES + position;
  let own_at = q_at(batch, position, head);`

/**
 * Online softmax (Milakov and Gimelshein 2018; Dao et al. 2022), `keysAtOnce` keys a round.
 * Buffers: y [B, Tq, H, headDim], stats [B, H, Tq, 4] (largest score, log2 of the sum; two for the backward pass).
 */
export function forwardWgsl(shape: AttentionShape): string {
  const declared = bindings(
    { y: partType(shape, shape.stored), stats: 'vec4<f32>' },
    reads(shape, {}),
    uniforms(shape),
  )
  const ks = Array.from({ length: shape.keysAtOnce }, (_, k) => k)
  const each = (line: (k: number) => string): string => ks.map(line).join('\n')
  const round = `${each((k) => `let seen${k} = row + ${k}u < end && is_seen(batch, position, row + ${k}u);`)}
    ${each((k) => `let s${k} = select(-3e38, ${dotRow(shape, 'q', 'k', k)} + bias_of(head, position, row + ${k}u), seen${k});`)}
    let above = ${ks.reduce((most, k) => `max(${most}, s${k})`, 'largest')};
    let shrink = exp2(largest - above);
    largest = above;
    ${each((k) => `let p${k} = select(0.0, exp2(s${k} - above), seen${k});`)}
    total = total * shrink + ${ks.map((k) => `p${k}`).join(' + ')};
    ${each((k) => `let w${k} = p${k} * f${k};`)}
    ${everyPart(shape, (i) => `sum${i} = sum${i} * shrink + ${ks.map((k) => `w${k} * ${partOfRow(shape.source, 'v', k, i)}`).join(' + ')};`)}`
  return `${common(shape, declared)}${tileMemory(shape.source, keyStreams, partCount(shape))}${entry(
    shape,
    'QUERIES',
    `  ${queryHead}
  ${loadOwnQuery(shape)}
  ${everyPart(shape, (i) => `var sum${i} = vec4<f32>(0.0);`)}
  var largest = -3e38;
  var total = 0.0;
  ${keyRange(shape)}
  ${forKeys(shape, round)}
  if (own < QUERIES) {
    let isEmpty = total == 0.0;
    let share = select(1.0 / total, 0.0, isEmpty);
    let out_at = y_at(batch, position, head);
    ${storeOwn('sum', shape, { buffer: 'y', at: 'out_at', factor: 'share', isTurned: false, stored: shape.stored })}
    stats[stats_at] = vec4<f32>(select(largest, 0.0, isEmpty), select(log2(total), 0.0, isEmpty), 0.0, 0.0);
  }`,
  )}`
}

/**
 * Gradient of the queries, and for {@link keyValueGradientWgsl} each query's sum of dy · y, into stats.z.
 * Buffers: dq as q (of packed rows the queries' part), stats, y and dy [B, Tq, H, headDim].
 */
export function queryGradientWgsl(shape: AttentionShape): string {
  const type = partType(shape, 'f32')
  const inputs = reads(shape, { y: partType(shape, shape.stored), dy: type })
  const declared = bindings({ dq: type, stats: 'vec4<f32>' }, inputs, uniforms(shape))
  const ks = Array.from({ length: shape.keysAtOnce }, (_, k) => k)
  const round = ks
    .map(
      (k) => `let seen${k} = row + ${k}u < end && is_seen(batch, position, row + ${k}u);
    let s${k} = ${dotRow(shape, 'q', 'k', k)} + bias_of(head, position, row + ${k}u);
    let p${k} = select(0.0, exp2(s${k} - stat.x - stat.y), seen${k});
    let ds${k} = p${k} * (${dotRow(shape, 'd', 'v', k)} * f${k} - overlap);`,
    )
    .join('\n')
  const add = everyPart(
    shape,
    (i) => `sum${i} += ${ks.map((k) => `ds${k} * ${partOfRow(shape.source, 'k', k, i)}`).join(' + ')};`,
  )
  return `${common(shape, declared)}${loadFunction('y', 'y', shape)}${loadFunction('d', 'dy', shape)}
${tileMemory(shape.source, keyStreams, partCount(shape))}${entry(
    shape,
    'QUERIES',
    `  ${queryHead}
  ${loadOwnQuery(shape)}
  let out_at = y_at(batch, position, head);
  ${loadOwn('d', shape, (part) => `d_part(out_at, ${part})`)}
  ${everyPart(shape, (i) => `var sum${i} = vec4<f32>(0.0);`)}
  let stat = stats[stats_at];
  var products = vec4<f32>(0.0);
  ${forOwn('d', shape, (part, own) => `products += ${own} * y_part(out_at, ${part});`)}
  let overlap = dot(products, vec4<f32>(1.0));
  ${keyRange(shape)}
  ${forKeys(shape, `${round}\n${add}`)}
  if (own < QUERIES) {
    ${storeOwn('sum', shape, { buffer: 'dq', at: 'own_at', factor: 'SCALE', isTurned: true, stored: 'f32' })}
    stats[stats_at].z = overlap;
  }`,
  )}`
}

/** Queries that see a key of a workgroup: `first` and `end`, uniform over the workgroup. */
function queryRange({ isCausal, windowSize, keys }: AttentionShape): string {
  const before = windowSize === null ? '0u' : `max(tile_start, ${windowSize - 1}u) - ${windowSize - 1}u`
  const end =
    windowSize === null ? 'QUERIES' : `min(QUERIES, tile_start + ${attentionThreads(keys) + windowSize - 1}u)`
  return `let first = ${isCausal ? 'tile_start' : before};\n  let end = ${end};`
}

const queryStreams: readonly Stream[] = [
  { name: 'q', load: (row, part) => `q_turned(q_at(batch, ${row}, head), ${part}, ${row})` },
  { name: 'd', load: (row, part) => `d_part(y_at(batch, ${row}, head), ${part})` },
]

/**
 * Gradients of keys and values, summed over the query heads of their group in ascending order.
 * Buffers: dkv as kv (of packed rows the keys' and values' parts), dy, stats. Dispatch: y over heads of keys.
 */
export function keyValueGradientWgsl(shape: AttentionShape): string {
  const { source } = shape
  const parts = partCount(shape)
  const type = partType(shape, 'f32')
  const inputs = reads(shape, { dy: type, stats: 'vec4<f32>' })
  const body = `let row0 = row;
    ${prepareRow(source, queryStreams, 0, parts)}
    let stats_at = (batch * HEADS + head) * QUERIES + row;
    let stat = stats[stats_at];
    let score = ${dotRow(shape, 'k', 'q', 0)} + bias_of(head, row, position);
    let p = select(0.0, exp2(score - stat.x - stat.y), is_seen(batch, row, position));
    let factor = factor_at(stats_at, position);
    let ds = p * (${dotRow(shape, 'v', 'd', 0)} * factor - stat.z);
    let w = p * factor;
    ${everyPart(shape, (i) => `dv${i} += w * ${partOfRow(source, 'd', 0, i)};\ndk${i} += ds * ${partOfRow(source, 'q', 0, i)};`)}`
  const loop = { first: 'first', end: 'end', atOnce: 1, parts, threads: attentionThreads(shape.keys), body }
  const declared = bindings({ dkv: type }, inputs, uniforms(shape))
  return `${common(shape, declared)}${loadFunction('d', 'dy', shape)}
${tileMemory(source, queryStreams, parts)}${entry(
    shape,
    'KEYS',
    `  let key_head = group.y;
  let own_k_at = k_at(batch, position, key_head);
  let own_v_at = v_at(batch, position, key_head);
  ${loadOwn('k', shape, (part) => `kv_turned(own_k_at, ${part}, position) * SCORE_SCALE`)}
  ${loadOwn('v', shape, (part) => `kv_part(own_v_at, ${part})`)}
  ${everyPart(shape, (i) => `var dk${i} = vec4<f32>(0.0); var dv${i} = vec4<f32>(0.0);`)}
  ${queryRange(shape)}
  for (var member = 0u; member < GROUP; member++) {
    let head = key_head * GROUP + member;
    ${forRows(source, queryStreams, loop)}
  }
  if (own < KEYS) {
    ${storeOwn('dk', shape, { buffer: 'dkv', at: 'own_k_at', factor: 'SCALE', isTurned: true, stored: 'f32' })}
    ${storeOwn('dv', shape, { buffer: 'dkv', at: 'own_v_at', factor: '1.0', isTurned: false, stored: 'f32' })}
  }`,
  )}`
}
