import { bindings } from '../wgsl.ts'
import {
  type AttentionShape,
  chunksOf,
  common,
  entry,
  keyRange,
  keyStreams,
  queryHead,
  reads,
  uniforms,
} from './attentionProgram.ts'
import {
  forOwn,
  loadFunction,
  loadOwn,
  partCount,
  partnerFunction,
  partOfRow,
  partType,
  type RowTarget,
  storeOwn,
  tileMemory,
} from './attentionRows.ts'
import {
  chunksFor,
  forBlocks,
  forOwnChunks,
  loadChunks,
  ownMemory,
  sharedMemory,
  storeChunks,
  teamSum,
  zeroChunks,
} from './headChunks.ts'
import { dotRow, everyPart, forKeys, loadOwnQuery } from './wholeHead.ts'

/**
 * Gradient of the queries, and for {@link keyValueGradientWgsl} each query's sum of dy · y, into stats.z.
 * Buffers: dq as q (of packed rows the queries' part), stats, y and dy [B, Tq, H, headDim].
 */
export function queryGradientWgsl(shape: AttentionShape): string {
  const type = partType(shape, 'f32')
  const inputs = reads(shape, { y: partType(shape, shape.stored), dy: type })
  const declared = bindings({ dq: type, stats: 'vec4<f32>' }, inputs, uniforms(shape))
  const loads = `${loadFunction('y', 'y', shape)}${loadFunction('d', 'dy', shape)}`
  return `${common(shape, declared)}${loads}${chunksOf(shape).count === 1 ? whole(shape) : inChunks(shape)}`
}

const target: RowTarget = { buffer: 'dq', at: 'own_at', factor: 'SCALE', isTurned: true, stored: 'f32' }

function whole(shape: AttentionShape): string {
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
  return `${tileMemory(shape.source, keyStreams, partCount(shape))}${entry(
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
    ${storeOwn('sum', shape, target)}
    stats[stats_at].z = overlap;
  }`,
  )}`
}

function inChunks(shape: AttentionShape): string {
  const chunks = chunksFor(shape, shape.queries)
  const [k, v] = keyStreams
  const scratch = { products: 2, weights: 1 }
  const loop = forBlocks(chunks, {
    first: 'first',
    end: 'end',
    streams: keyStreams,
    products: [
      { own: 'q', stream: k },
      { own: 'd', stream: v },
    ],
    weigh: `let score = product0 + bias_of(head, position, row);
      let p = select(0.0, exp2(score - stat.x - stat.y), is_seen(batch, position, row));
      weights0[at] = p * (product1 * factor_at(stats_at, row) - overlap);`,
    sums: [{ name: 'sum', stream: k }],
  })
  return `${partnerFunction('dq', 'dq', shape)}${sharedMemory(chunks, keyStreams, scratch)}${entry(
    shape,
    'QUERIES',
    `  ${queryHead}
  ${ownMemory(chunks, scratch)}
  ${loadChunks(chunks, 'q', (part) => `q_turned(own_at, ${part}, position) * SCORE_SCALE`)}
  let out_at = y_at(batch, position, head);
  ${loadChunks(chunks, 'd', (part) => `d_part(out_at, ${part})`)}
  ${zeroChunks(chunks, 'sum')}
  let stat = stats[stats_at];
  var products = vec4<f32>(0.0);
  ${forOwnChunks(chunks, 'd', (part, own) => `products += ${own} * y_part(out_at, ${part});`)}
  ${teamSum(chunks, 'overlap', 'dot(products, vec4<f32>(1.0))')}
  ${keyRange(shape)}
  ${loop}
  ${storeChunks(chunks, 'sum', target, 'own < QUERIES')}
  if (own < QUERIES${chunks.isTeam ? ' && chunk == 0u' : ''}) { stats[stats_at].z = overlap; }`,
  )}`
}
