import { bindings } from '../wgsl.ts'
import {
  type AttentionShape,
  chunksOf,
  common,
  entry,
  positionsAtOnce,
  queryRange,
  queryStreams,
  reads,
  uniforms,
} from './attentionProgram.ts'
import {
  forRows,
  loadFunction,
  loadOwn,
  partCount,
  partnerFunction,
  partOfRow,
  partType,
  prepareRow,
  type RowTarget,
  storeOwn,
  tileMemory,
} from './attentionRows.ts'
import {
  chunksFor,
  forBlocks,
  loadChunks,
  ownMemory,
  sharedMemory,
  storeChunks,
  zeroChunks,
} from './headChunks.ts'
import { dotRow, everyPart } from './wholeHead.ts'

/**
 * Gradients of keys and values, summed over the query heads of their group in ascending order.
 * Buffers: dkv as kv (of packed rows the keys' and values' parts), dy, stats. Dispatch: y over heads of keys.
 */
export function keyValueGradientWgsl(shape: AttentionShape): string {
  const type = partType(shape, 'f32')
  const declared = bindings({ dkv: type }, reads(shape, { dy: type, stats: 'vec4<f32>' }), uniforms(shape))
  const program = chunksOf(shape).count === 1 ? whole(shape) : inChunks(shape)
  return `${common(shape, declared)}${loadFunction('d', 'dy', shape)}${program}`
}

const stored = { buffer: 'dkv', stored: 'f32' } as const
const keyTarget: RowTarget = { ...stored, at: 'own_k_at', factor: 'SCALE', isTurned: true }
const valueTarget: RowTarget = { ...stored, at: 'own_v_at', factor: '1.0', isTurned: false }

const keyHead = `let key_head = group.y;
  let own_k_at = k_at(batch, position, key_head);
  let own_v_at = v_at(batch, position, key_head);`
const ownKey = (part: string): string => `kv_turned(own_k_at, ${part}, position) * SCORE_SCALE`
const ownValue = (part: string): string => `kv_part(own_v_at, ${part})`

const everyMember = (body: string): string => `for (var member = 0u; member < GROUP; member++) {
    let head = key_head * GROUP + member;
    ${body}
  }`

/** From the products of key and query and of value and dy to `ds` and `w`. */
const weighing = (
  keyQuery: string,
  valueD: string,
): string => `let stats_at = (batch * HEADS + head) * QUERIES + row;
    let stat = stats[stats_at];
    let score = ${keyQuery} + bias_of(head, row, position);
    let p = select(0.0, exp2(score - stat.x - stat.y), is_seen(batch, row, position));
    let factor = factor_at(stats_at, position);
    let ds = p * (${valueD} * factor - stat.z);
    let w = p * factor;`

function whole(shape: AttentionShape): string {
  const { source } = shape
  const parts = partCount(shape)
  const body = `let row0 = row;
    ${prepareRow(source, queryStreams, 0, parts)}
    ${weighing(dotRow(shape, 'k', 'q', 0), dotRow(shape, 'v', 'd', 0))}
    ${everyPart(shape, (i) => `dv${i} += w * ${partOfRow(source, 'd', 0, i)};\ndk${i} += ds * ${partOfRow(source, 'q', 0, i)};`)}`
  const threads = positionsAtOnce(shape, shape.keys)
  const loop = { first: 'first', end: 'end', atOnce: 1, parts, threads, body }
  return `${tileMemory(source, queryStreams, parts)}${entry(
    shape,
    'KEYS',
    `  ${keyHead}
  ${loadOwn('k', shape, ownKey)}
  ${loadOwn('v', shape, ownValue)}
  ${everyPart(shape, (i) => `var dk${i} = vec4<f32>(0.0); var dv${i} = vec4<f32>(0.0);`)}
  ${queryRange(shape)}
  ${everyMember(forRows(source, queryStreams, loop))}
  if (own < KEYS) {
    ${storeOwn('dk', shape, keyTarget)}
    ${storeOwn('dv', shape, valueTarget)}
  }`,
  )}`
}

function inChunks(shape: AttentionShape): string {
  const chunks = chunksFor(shape, shape.keys)
  const [q, d] = queryStreams
  const scratch = { products: 2, weights: 2 }
  const loop = forBlocks(chunks, {
    first: 'first',
    end: 'end',
    streams: queryStreams,
    products: [
      { own: 'k', stream: q },
      { own: 'v', stream: d },
    ],
    weigh: `${weighing('product0', 'product1')}
      weights0[at] = ds;
      weights1[at] = w;`,
    sums: [
      { name: 'dk', stream: q },
      { name: 'dv', stream: d },
    ],
  })
  return `${partnerFunction('dkv', 'dkv', shape)}${sharedMemory(chunks, queryStreams, scratch)}${entry(
    shape,
    'KEYS',
    `  ${keyHead}
  ${ownMemory(chunks, scratch)}
  ${loadChunks(chunks, 'k', ownKey)}
  ${loadChunks(chunks, 'v', ownValue)}
  ${zeroChunks(chunks, 'dk')}
  ${zeroChunks(chunks, 'dv')}
  ${queryRange(shape)}
  ${everyMember(loop)}
  ${storeChunks(chunks, 'dk', keyTarget, 'own < KEYS')}
  ${storeChunks(chunks, 'dv', valueTarget, 'own < KEYS')}`,
  )}`
}
