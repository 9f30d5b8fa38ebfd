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
import { partCount, partOfRow, partType, type RowTarget, storeOwn, tileMemory } from './attentionRows.ts'
import {
  chunksFor,
  forBlocks,
  forShare,
  loadChunks,
  meet,
  ownMemory,
  sharedMemory,
  storeChunks,
  teamSum,
  zeroChunks,
} from './headChunks.ts'
import { dotRow, everyPart, forKeys, loadOwnQuery } from './wholeHead.ts'

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
  return `${common(shape, declared)}${chunksOf(shape).count === 1 ? whole(shape) : inChunks(shape)}`
}

const target = (shape: AttentionShape): RowTarget => ({
  buffer: 'y',
  at: 'out_at',
  factor: 'share',
  isTurned: false,
  stored: shape.stored,
})

const ending = `let isEmpty = total == 0.0;
    let share = select(1.0 / total, 0.0, isEmpty);
    let out_at = y_at(batch, position, head);`

const storeStats =
  'stats[stats_at] = vec4<f32>(select(largest, 0.0, isEmpty), select(log2(total), 0.0, isEmpty), 0.0, 0.0);'

function whole(shape: AttentionShape): string {
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
  return `${tileMemory(shape.source, keyStreams, partCount(shape))}${entry(
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
    ${ending}
    ${storeOwn('sum', shape, target(shape))}
    ${storeStats}
  }`,
  )}`
}

function inChunks(shape: AttentionShape): string {
  const chunks = chunksFor(shape, shape.queries)
  const [k, v] = keyStreams
  const scratch = { products: 1, weights: 1 }
  const score = 'product0 + bias_of(head, position, row)'
  const adjust = `var above = largest;
    for (var k = 0u; k < tile_end - tile; k++) { above = max(above, weights0[${chunks.isTeam ? `k * ${chunks.positions}u + team` : 'k'}]); }
    let shrink = exp2(largest - above);
    largest = above;
    total *= shrink;
    ${meet(chunks)}
    ${forShare(
      chunks,
      `let p = select(0.0, exp2(weights0[at] - above), is_seen(batch, position, row));
      total += p;
      weights0[at] = p * factor_at(stats_at, row);`,
    )}
    ${meet(chunks)}`
  const loop = forBlocks(chunks, {
    first: 'first',
    end: 'end',
    streams: keyStreams,
    products: [{ own: 'q', stream: k }],
    weigh: `weights0[at] = select(-3e38, ${score}, is_seen(batch, position, row));`,
    adjust,
    sums: [{ name: 'sum', stream: v, factor: 'shrink' }],
  })
  return `${sharedMemory(chunks, keyStreams, scratch)}${entry(
    shape,
    'QUERIES',
    `  ${queryHead}
  ${ownMemory(chunks, scratch)}
  ${loadChunks(chunks, 'q', (part) => `q_turned(own_at, ${part}, position) * SCORE_SCALE`)}
  ${zeroChunks(chunks, 'sum')}
  var largest = -3e38;
  // Of a team, the sum over this thread's share of the keys.
  var total = 0.0;
  ${keyRange(shape)}
  ${loop}
  ${teamSum(chunks, 'all', 'total')}
  total = all;
  ${ending}
  ${storeChunks(chunks, 'sum', target(shape), 'own < QUERIES')}
  if (own < QUERIES${chunks.isTeam ? ' && chunk == 0u' : ''}) { ${storeStats} }`,
  )}`
}
