import type { LabBackend } from '../../backend/labBackend.ts'
import type { Tensor, Tensor2D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { counterOf, dropoutUniforms } from '../dropout/dropoutKernel.ts'
import { sureLanes } from '../subgroups.ts'
import { newStored, newTensor } from '../wgsl.ts'
import type { AttentionInputs, AttentionOptions, AttentionSizes } from './attention.ts'
import type { RowSource } from './attentionRows.ts'
import { type AttentionShape, heldParts, positionsAtOnce } from './attentionProgram.ts'
import { forwardWgsl } from './forwardWgsl.ts'
import { bytesOfRow } from './headChunks.ts'
import { keyValueGradientWgsl } from './keyValueGradientWgsl.ts'
import { queryGradientWgsl } from './queryGradientWgsl.ts'
import { rotaryFactors } from './rotaryTable.ts'

type Options = AttentionOptions & AttentionSizes

/**
 * WebGPU promises eight storage buffers; the gradient of the queries needs five and one for each of these. One row of
 * keys and values has to fit into workgroup memory.
 */
export function fitsKernel(inputs: AttentionInputs, { keyMask, rotary, dropout, headDim }: Options): boolean {
  return (
    ('qkv' in inputs || !(keyMask && rotary && dropout)) && bytesOfRow(Math.ceil(headDim / 4)) <= tileBytes
  )
}

/**
 * No T × T buffer: weights are made again in the backward pass from two numbers a query, and rotary positions inside
 * the kernels. Forward 1 dispatch, backward 2.
 */
export function fusedAttention(backend: LabBackend, inputs: AttentionInputs, options: Options): Tensor2D {
  const { keyMask, dropout } = options
  const extras = [...(keyMask ? [keyMask] : []), ...(dropout ? [counterOf(dropout)] : [])]
  const run = tf.customGrad((...args) => {
    const save = args.at(-1) as tf.GradSaveFunc
    const rows = args.slice(0, -1) as Tensor[]
    const shape = shapeOf(backend, rows, options)
    const { y, stats } = forward(backend, rows, { options, shape, extras })
    save([...rows, y, stats, ...extras])
    const gradFunc = (dy: Tensor, saved: Tensor[]): Tensor[] => {
      const kept = {
        rows: saved.slice(0, rows.length),
        y: saved[rows.length]!,
        stats: saved[rows.length + 1]!,
      }
      return backward(backend, dy, { ...kept, options, shape, extras: saved.slice(rows.length + 2) })
    }
    return { value: y, gradFunc: gradFunc as unknown as (dy: Tensor, saved: Tensor[]) => Tensor }
  })
  const y = 'qkv' in inputs ? run(inputs.qkv) : run(inputs.q, inputs.kv)
  if (dropout) extras.at(-1)!.dispose()
  return y as Tensor2D
}

const tileBytes = 16384

function shapeOf(backend: LabBackend, rows: readonly Tensor[], options: Options): AttentionShape {
  const { queries, keys, headDim, numHeads, numKeyHeads, isCausal, windowSize, hasAlibi, rotary } = options
  const stored = backend.storedAs(rows[0]!)
  if (rows.some((row) => backend.storedAs(row) !== stored))
    backend.refuseHalf('attention of both kinds', rows)
  const isHardware = !backend.isSoftware && !backend.isSlowToCompile
  return {
    queries,
    keys,
    headDim,
    numHeads,
    numKeyHeads,
    isCausal,
    windowSize,
    hasAlibi,
    rotary,
    scale: options.scale ?? 1 / Math.sqrt(headDim),
    hasKeyMask: options.keyMask !== null,
    hasDropout: options.dropout !== null,
    isPacked: rows.length === 1,
    stored,
    source: sourceOf(backend, headDim),
    isRolled: backend.isSlowToCompile,
    keysAtOnce: isHardware || options.dropout !== null ? 4 : 1,
    mostThreads: backend.isSoftware && (isCausal || windowSize !== null) ? 16 : 64,
  }
}

function sourceOf(backend: LabBackend, headDim: number): RowSource {
  const lanes = sureLanes(backend)
  if (backend.isSoftware) return lanes === null ? { kind: 'direct' } : { kind: 'broadcast', lanes }
  return { kind: 'tile', rows: tileRows(headDim) }
}

function tileRows(headDim: number): number {
  const parts = Math.ceil(headDim / 4)
  if (headDim > 4 * heldParts('tile')) return Math.min(16, Math.floor(tileBytes / bytesOfRow(parts)))
  // Two rows of vec4 parts for each place of the tile.
  return Math.min(32, Math.floor(tileBytes / (parts * 32) / 4) * 4)
}

interface Call {
  options: Options
  shape: AttentionShape
  /** Key mask and step counter, where there are. */
  extras: readonly Tensor[]
}

/** What a dispatch of the three programs has in common; `first` are the reads before those that are shared. */
function sharedBy(backend: LabBackend, { options, shape, extras }: Call, positions: number, heads: number) {
  const { dropout, rotary, batchSize, queries, keys, headDim, keyMask } = options
  const table =
    rotary &&
    backend.constant(`rotary factors ${Math.max(queries, keys)} ${headDim} ${JSON.stringify(rotary)}`, () =>
      rotaryFactors(Math.max(queries, keys), headDim, rotary),
    )
  const [mask, counter] = keyMask ? extras : [undefined, extras[0]]
  return {
    key: JSON.stringify(shape),
    takesHalf: true,
    grid: [Math.ceil(positions / positionsAtOnce(shape, positions)), heads, batchSize] as [
      number,
      number,
      number,
    ],
    ...(dropout && { uniforms: dropoutUniforms(dropout) }),
    last: [...(mask ? [mask] : []), ...(table ? [table] : []), ...(counter ? [counter] : [])],
  }
}

/** Operations of `count` products of a vector with each key or value that a query sees, a key mask apart. */
function products(count: number, { options }: Call): number {
  const { batchSize, numHeads, headDim, queries, keys, isCausal, windowSize } = options
  const reach = (windowSize ?? Infinity) - 1
  let seen = 0
  for (let query = 0; query < queries; query++) {
    const last = Math.min(keys - 1, isCausal ? query : query + reach)
    seen += Math.max(0, last - Math.max(0, query - reach) + 1)
  }
  return 2 * count * headDim * seen * batchSize * numHeads
}

function forward(backend: LabBackend, rows: readonly Tensor[], call: Call): { y: Tensor; stats: Tensor } {
  const { batchSize, numHeads, queries, headDim } = call.options
  const y = newStored<tf.Rank.R2>(backend, [batchSize * queries, numHeads * headDim], call.shape.stored)
  const stats = newTensor<tf.Rank.R4>(backend, [batchSize, numHeads, queries, 4])
  const { key, last, ...rest } = sharedBy(backend, call, queries, numHeads)
  backend.dispatch({
    ...rest,
    key: `attention ${key}`,
    flops: products(2, call),
    wgsl: () => forwardWgsl(call.shape),
    writes: [y, stats],
    reads: [...rows, ...last],
  })
  return { y, stats }
}

function backward(
  backend: LabBackend,
  dy: Tensor,
  call: Call & { rows: readonly Tensor[]; y: Tensor; stats: Tensor },
): Tensor[] {
  const { rows, y, stats, shape } = call
  const { numHeads, numKeyHeads, queries, keys } = call.options
  // Of packed rows, the two dispatches write different columns.
  const gradients = rows.map((row) => newTensor(backend, row.shape))
  const { key, last, ...byQuery } = sharedBy(backend, call, queries, numHeads)
  backend.dispatch({
    ...byQuery,
    key: `attention query gradient ${key}`,
    flops: products(3, call),
    wgsl: () => queryGradientWgsl(shape),
    writes: [gradients[0]!, stats],
    reads: [...rows, y, dy, ...last],
  })
  const { grid } = sharedBy(backend, call, keys, numKeyHeads)
  backend.dispatch({
    ...byQuery,
    grid,
    key: `attention key value gradient ${key}`,
    flops: products(4, call),
    wgsl: () => keyValueGradientWgsl(shape),
    writes: [gradients.at(-1)!],
    reads: [...rows, dy, stats, ...last],
  })
  return gradients
}
