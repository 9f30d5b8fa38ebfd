import philox from '../dropout/philox.wgsl?raw'
import { bindings, constants, float } from '../wgsl.ts'

/** Constants baked into the three attention programs. */
export interface AttentionShape {
  seqLen: number
  numHeads: number
  headDim: number
  hasDropout: boolean
  /** Keys per round of the forward loop: 4 save exponentials, 1 saves compile time (seconds on a software adapter). */
  keysAtOnce: 1 | 4
}

/** Threads of a workgroup: one per position, in multiples of 8, so that short sequences leave few idle. */
export function attentionThreads(seqLen: number): number {
  return Math.min(64, Math.ceil(seqLen / 8) * 8)
}

/**
 * What the programs have in common. Dispatch: x over positions by `attentionThreads`, y over heads, z over the batch.
 * No barriers and no workgroup memory: all threads of a workgroup read the same key (or query) at the same time.
 * A head's vector is kept in registers as vec4 values, or scalars where the head size is no multiple of 4.
 */
class Parts {
  readonly type: string
  readonly unit: number
  readonly count: number
  readonly shape: AttentionShape
  constructor(shape: AttentionShape) {
    this.shape = shape
    this.unit = shape.headDim % 4 === 0 ? 4 : 1
    this.type = this.unit === 4 ? 'vec4<f32>' : 'f32'
    this.count = shape.headDim / this.unit
  }

  /** One line per part of a head's vector. */
  each(line: (part: number) => string): string {
    return Array.from({ length: this.count }, (_, part) => line(part)).join('\n')
  }

  /** Declares `name0`, `name1`, … */
  load(name: string, source: string, scale = ''): string {
    return this.each((part) => `let ${name}${part} = ${source}[${name}_at + ${part}u]${scale};`)
  }

  zero(name: string): string {
    return this.each((part) => `var ${name}${part} = ${this.type}(0.0);`)
  }

  dot(a: string, b: (part: number) => string): string {
    const product = (part: number): string =>
      this.unit === 4 ? `dot(${a}${part}, ${b(part)})` : `${a}${part} * ${b(part)}`
    return Array.from({ length: this.count }, (_, part) => product(part)).join(' + ')
  }

  prelude(declarations: string): string {
    const { seqLen, numHeads, headDim, hasDropout } = this.shape
    return `${hasDropout ? philox : ''}${declarations}${constants({
      SEQ_LEN: seqLen,
      HEADS: numHeads,
      PARTS: this.count,
      THREADS: attentionThreads(seqLen),
      SCALE: float(1 / Math.sqrt(headDim)),
    })}
// Index of the head's part 0 at a position; which: 0 query, 1 key, 2 value.
fn packed_at(batch: u32, position: u32, head: u32, which: u32) -> u32 {
  return (((batch * SEQ_LEN + position) * 3u + which) * HEADS + head) * PARTS;
}
fn plain_at(batch: u32, position: u32, head: u32) -> u32 {
  return ((batch * SEQ_LEN + position) * HEADS + head) * PARTS;
}
${dropoutFactor(hasDropout)}
@compute @workgroup_size(${attentionThreads(seqLen)})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let head = group.y;
  let batch = group.z;
  let own = group.x * THREADS + thread;
  // Threads past the end do the last position's work again and write nothing.
  let position = min(own, SEQ_LEN - 1u);
  let stats_at = (batch * HEADS + head) * SEQ_LEN;
`
  }
}

/** What the weight of key `key` for query `query` is multiplied by. */
function dropoutFactor(hasDropout: boolean): string {
  if (!hasDropout) return 'fn factor_at(row: u32, key: u32) -> f32 { return 1.0; }'
  return `fn factor_at(row: u32, key: u32) -> f32 {
  let index = row * SEQ_LEN + key;
  return dropout_factors(u.dropout, counter[0], index / 4u)[index % 4u];
}`
}

const counter = (shape: AttentionShape): Record<string, string> =>
  shape.hasDropout ? { counter: 'vec2<u32>' } : {}
const uniforms = (shape: AttentionShape): string => (shape.hasDropout ? 'dropout: Dropout' : '')

/**
 * Online softmax (Milakov and Gimelshein 2018; Dao et al. 2022), `keysAtOnce` keys a round.
 * Buffers: y [B, T, H, headDim], stats [B, H, T] (largest score, log of the sum), x packed.
 */
export function forwardWgsl(shape: AttentionShape): string {
  const parts = new Parts(shape)
  const keys = Array.from({ length: shape.keysAtOnce }, (_, k) => k)
  const lines = (line: (k: number) => string): string => keys.map(line).join('\n')
  return `${parts.prelude(bindings({ y: parts.type, stats: 'vec2<f32>' }, { x: parts.type, ...counter(shape) }, uniforms(shape)))}
  let q_at = packed_at(batch, position, head, 0u);
  ${parts.load('q', 'x', ' * SCALE')}
  ${parts.zero('sum')}
  var largest = -3e38;
  var total = 0.0;
  let end = min(SEQ_LEN, (group.x + 1u) * THREADS);
  for (var key = 0u; key < end; key += ${keys.length}u) {
    ${lines((k) => scoreOfKey(parts, k))}
    let above = ${keys.reduce((most, k) => `max(${most}, s${k})`, 'largest')};
    let shrink = exp(largest - above);
    largest = above;
    ${lines((k) => `let p${k} = select(0.0, exp(s${k} - above), key + ${k}u <= position);`)}
    total = total * shrink + ${keys.map((k) => `p${k}`).join(' + ')};
    ${lines((k) => `let w${k} = p${k} * factor_at(stats_at + position, key + ${k}u);`)}
    ${parts.each((part) => `sum${part} = sum${part} * shrink + ${keys.map((k) => weightedValue(k, part)).join(' + ')};`)}
  }
  if (own < SEQ_LEN) {
    let y_at = plain_at(batch, position, head);
    ${parts.each((part) => `y[y_at + ${part}u] = sum${part} / total;`)}
    stats[stats_at + position] = vec2<f32>(largest, log(total));
  }
}
`
}

/** Values lie HEADS heads behind their keys. */
function weightedValue(k: number, part: number): string {
  return `w${k} * x[k${k}_at + HEADS * PARTS + ${part}u]`
}

/** Keys past the end are read as the last one and masked. */
function scoreOfKey(parts: Parts, k: number): string {
  return `let k${k}_at = packed_at(batch, min(key + ${k}u, SEQ_LEN - 1u), head, 1u);
    let s${k} = select(-3e38, ${parts.dot('q', (part) => `x[k${k}_at + ${part}u]`)}, key + ${k}u <= position);`
}

/**
 * Gradient of the queries, and for {@link keyValueGradientWgsl} each query's sum of dy · y.
 * Buffers: dx packed, overlap [B, H, T], x packed, y and dy [B, T, H, headDim], stats.
 */
export function queryGradientWgsl(shape: AttentionShape): string {
  const parts = new Parts(shape)
  const reads = { x: parts.type, y: parts.type, dy: parts.type, stats: 'vec2<f32>', ...counter(shape) }
  return `${parts.prelude(bindings({ dx: parts.type, overlap: 'f32' }, reads, uniforms(shape)))}
  let q_at = packed_at(batch, position, head, 0u);
  let d_at = plain_at(batch, position, head);
  ${parts.load('q', 'x', ' * SCALE')}
  ${parts.load('d', 'dy')}
  ${parts.zero('sum')}
  let stat = stats[stats_at + position];
  let own_overlap = ${parts.dot('d', (part) => `y[d_at + ${part}u]`)};
  let end = min(SEQ_LEN, (group.x + 1u) * THREADS);
  for (var key = 0u; key < end; key++) {
    let k_at = packed_at(batch, key, head, 1u);
    let v_at = packed_at(batch, key, head, 2u);
    let score = ${parts.dot('q', (part) => `x[k_at + ${part}u]`)};
    let p = select(0.0, exp(score - stat.x - stat.y), key <= position);
    let dp = (${parts.dot('d', (part) => `x[v_at + ${part}u]`)}) * factor_at(stats_at + position, key);
    let ds = p * (dp - own_overlap) * SCALE;
    ${parts.each((part) => `sum${part} += ds * x[k_at + ${part}u];`)}
  }
  if (own < SEQ_LEN) {
    ${parts.each((part) => `dx[q_at + ${part}u] = sum${part};`)}
    overlap[stats_at + position] = own_overlap;
  }
}
`
}

/** Gradients of keys and values. Buffers: dx packed, x packed, dy, stats, overlap. */
export function keyValueGradientWgsl(shape: AttentionShape): string {
  const parts = new Parts(shape)
  const reads = { x: parts.type, dy: parts.type, stats: 'vec2<f32>', overlap: 'f32', ...counter(shape) }
  return `${parts.prelude(bindings({ dx: parts.type }, reads, uniforms(shape)))}
  let k_at = packed_at(batch, position, head, 1u);
  let v_at = packed_at(batch, position, head, 2u);
  ${parts.load('k', 'x', ' * SCALE')}
  ${parts.load('v', 'x')}
  ${parts.zero('dk')}
  ${parts.zero('dv')}
  for (var query = group.x * THREADS; query < SEQ_LEN; query++) {
    let q_at = packed_at(batch, query, head, 0u);
    let d_at = plain_at(batch, query, head);
    let stat = stats[stats_at + query];
    let score = ${parts.dot('k', (part) => `x[q_at + ${part}u]`)};
    let p = select(0.0, exp(score - stat.x - stat.y), position <= query);
    let factor = factor_at(stats_at + query, position);
    let dp = (${parts.dot('v', (part) => `dy[d_at + ${part}u]`)}) * factor;
    let ds = p * (dp - overlap[stats_at + query]) * SCALE;
    let w = p * factor;
    ${parts.each((part) => `dv${part} += w * dy[d_at + ${part}u];\ndk${part} += ds * x[q_at + ${part}u];`)}
  }
  if (own < SEQ_LEN) {
    ${parts.each((part) => `dx[k_at + ${part}u] = dk${part};\ndx[v_at + ${part}u] = dv${part};`)}
  }
}
`
}
