import philox from '../dropout/philox.wgsl?raw'
import { constants, enabling, float } from '../wgsl.ts'
import { alibiSlopes } from './alibi.ts'
import {
  partCount,
  partType,
  type RowShape,
  type RowSource,
  type Stream,
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
  /** Most threads of a workgroup. Few leave out more of what causal queries do not see; many share more loads of a tile. */
  readonly mostThreads: 16 | 64
}

/**
 * Parts that a thread keeps of each row of its own; longer heads are computed in chunks of them. On hardware 32 numbers,
 * so that they stay in registers; rasterisers have none, and their compilers stand 64, which run a third faster whole.
 */
export function heldParts(kind: RowSource['kind']): number {
  return kind === 'tile' ? 8 : 16
}

/** How a head is cut: `count` chunks of `parts` vec4; 1 chunk where a thread keeps all of it. */
export function chunksOf(shape: AttentionShape): { count: number; parts: number } {
  const parts = partCount(shape)
  const count = Math.ceil(parts / heldParts(shape.source.kind))
  return { count, parts: Math.ceil(parts / count) }
}

/** Whether the chunks of a long head are spread over the threads of a team, rather than a loop of one thread. */
export function isInTeams(shape: AttentionShape): boolean {
  return shape.source.kind === 'tile' && chunksOf(shape).count > 1
}

/** Positions of a workgroup, in multiples of 8 where it can be, so that short sequences leave few threads idle. */
export function positionsAtOnce(shape: AttentionShape, length: number): number {
  const most = isInTeams(shape) ? Math.floor(shape.mostThreads / chunksOf(shape).count) : shape.mostThreads
  return Math.min(most, Math.ceil(length / 8) * 8)
}

/** Offsets in elements, and what a query sees. Scores are in base 2, so that exp2 makes them weights. */
export function common(shape: AttentionShape, declarations: string): string {
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

/** Dispatch: x over `length` positions by {@link positionsAtOnce}, y over heads, z over the batch. */
export function entry(shape: AttentionShape, length: 'QUERIES' | 'KEYS', body: string): string {
  const positions = positionsAtOnce(shape, length === 'QUERIES' ? shape.queries : shape.keys)
  const chunks = chunksOf(shape).count
  const team = isInTeams(shape) ? chunks : 1
  const lane = shape.source.kind === 'broadcast' ? ', @builtin(subgroup_invocation_id) lane: u32' : ''
  return `@compute @workgroup_size(${positions * team})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32${lane}) {
  let batch = group.z;
  let tile_start = group.x * ${positions}u;
  let own = tile_start + thread${team > 1 ? ` / ${team}u` : ''};
  // Threads past the end do the last position's work again and write nothing.
  let position = min(own, ${length} - 1u);
${shape.isRolled || (chunks > 1 && team === 1) ? '  // Constants, but hidden: LLVM would unroll the loops.\n  let parts = select(1u, PARTS, arrayLength(&q) > 1u);\n' : ''}${body}
}
`
}

/** Bindings that the programs share at their end, in the order of `sharedReads`. */
export function reads(shape: AttentionShape, before: Record<string, string>): Record<string, string> {
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

export const uniforms = (shape: AttentionShape): string => (shape.hasDropout ? 'dropout: Dropout' : '')

/** Keys that a workgroup's queries can see: `first` and `end`, uniform over the workgroup. */
export function keyRange(shape: AttentionShape): string {
  const { isCausal, windowSize } = shape
  const last = `tile_start + ${positionsAtOnce(shape, shape.queries)}u`
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

export const keyStreams = [
  { name: 'k', load: (row, part) => `kv_turned(k_at(batch, ${row}, key_head), ${part}, ${row})` },
  { name: 'v', load: (row, part) => `kv_part(v_at(batch, ${row}, key_head), ${part})` },
] as const satisfies readonly Stream[]

/** Where the query of a thread is. */
export const queryHead = `let head = group.y;
  let key_head = head / GROUP;
  let stats_at = (batch * HEADS + head) * QUERIES + position;
  let own_at = q_at(batch, position, head);`

/** Queries that see a key of a workgroup: `first` and `end`, uniform over the workgroup. */
export function queryRange(shape: AttentionShape): string {
  const { isCausal, windowSize, keys } = shape
  const before = windowSize === null ? '0u' : `max(tile_start, ${windowSize - 1}u) - ${windowSize - 1}u`
  const end =
    windowSize === null
      ? 'QUERIES'
      : `min(QUERIES, tile_start + ${positionsAtOnce(shape, keys) + windowSize - 1}u)`
  return `let first = ${isCausal ? 'tile_start' : before};\n  let end = ${end};`
}

export const queryStreams = [
  { name: 'q', load: (row, part) => `q_turned(q_at(batch, ${row}, head), ${part}, ${row})` },
  { name: 'd', load: (row, part) => `d_part(y_at(batch, ${row}, head), ${part})` },
] as const satisfies readonly Stream[]
