import type { LabBackend } from '../../backend/labBackend.ts'
import { isBufferRange, type BufferRange } from '../../backend/plannedBuffer.ts'
import type { Tensor, Tensor1D } from '../../backend/tfjs.ts'
import type * as tf from '../../backend/tfjs.ts'
import {
  bindings,
  constants,
  float,
  forEachRow,
  newTensor,
  rowGrid,
  rowMax,
  units,
  type RowLanes,
} from '../wgsl.ts'
import clipBody from './clip.wgsl?raw'
import type { GlobalNorm } from './globalNorm.ts'
import partsBody from './parts.wgsl?raw'

/** Elements a block joins, until a source has the most blocks: teams with barriers, or on a rasteriser lone threads. */
const teams = { lanes: 64, blockSize: 4096, mostBlocks: 64 } as const
const loners = { lanes: 1, blockSize: 256, mostBlocks: 1024 } as const

interface NormText {
  /** What a number counts as. */
  readonly measured: string
  /** Two of these, `a` and `b`, as one. */
  readonly joined: string
  readonly across: 'row_sum' | 'row_max'
  /** The norm of all, `joined`. */
  readonly norm: string
}

const texts: Readonly<Record<GlobalNorm, NormText>> = {
  l1: { measured: 'abs(value)', joined: 'a + b', across: 'row_sum', norm: 'size' },
  l2: { measured: 'value * value', joined: 'a + b', across: 'row_sum', norm: 'sqrt(size)' },
  max: { measured: 'abs(value)', joined: 'max(a, b)', across: 'row_max', norm: 'size' },
}

/** The functions that bodies for numbers of `type` are made of. */
function functionsOf({ measured, joined, across, norm }: NormText, type: string, lanes: RowLanes): string {
  return `fn measured(value: ${type}) -> ${type} { return ${measured}; }
fn joined(a: ${type}, b: ${type}) -> ${type} { return ${joined}; }
fn both(a: f32, b: f32) -> f32 { return ${joined}; }
fn within(value: ${type}) -> f32 { return ${type === 'f32' ? 'value' : 'both(both(value.x, value.y), both(value.z, value.w))'}; }
fn across(value: f32, lane: u32) -> f32 { return ${across}(value, lane); }
fn norm_of(size: f32) -> f32 { return ${norm}; }
${across === 'row_max' ? rowMax(lanes) : ''}`
}

function lengthOf(source: Tensor | BufferRange): number {
  return isBufferRange(source) ? source.size / 4 : source.size
}

/** One dispatch a source and one for all. */
export function fusedClip(
  backend: LabBackend,
  sources: readonly (Tensor | BufferRange)[],
  { maxNorm, kind }: { readonly maxNorm: number; readonly kind: GlobalNorm },
): Tensor1D {
  const { lanes, blockSize, mostBlocks } = backend.isSoftware ? loners : teams
  const blocks = sources.map((source) => Math.min(mostBlocks, Math.ceil(lengthOf(source) / blockSize)))
  const total = blocks.reduce((sum, count) => sum + count, 0)
  const partial = newTensor<tf.Rank.R2>(backend, [total, 2])
  let offset = 0
  sources.forEach((source, k) => {
    const { type, text } = units(lengthOf(source) % 4 === 0 ? 4 : 1)
    backend.dispatch({
      key: `norm parts ${kind} ${lanes} ${type}`,
      wgsl: () =>
        bindings({ partial: 'vec2<f32>' }, { x: type }, 'offset: u32, blocks: u32') +
        `${text}alias Bits = ${type.replace('f32', 'u32')};\n` +
        functionsOf(texts[kind], type, lanes) +
        partsBody +
        forEachRow(lanes, 'u.blocks'),
      writes: [partial],
      reads: [source],
      uniforms: Uint32Array.of(offset, blocks[k]!).buffer,
      grid: rowGrid(backend, blocks[k]!, lanes),
    })
    offset += blocks[k]!
  })
  const clip = newTensor<tf.Rank.R1>(backend, [2])
  backend.dispatch({
    key: `clip ${kind} ${maxNorm}`,
    wgsl: () =>
      bindings({ clip: 'f32' }, { partial: 'vec2<f32>' }) +
      constants({ MAX_NORM: float(maxNorm) }) +
      functionsOf(texts[kind], 'f32', 64) +
      clipBody +
      forEachRow(64, '1u'),
    writes: [clip],
    reads: [partial],
    grid: [1, 1, 1],
  })
  partial.dispose()
  return clip
}
