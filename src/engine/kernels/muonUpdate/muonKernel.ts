import type { LabBackend } from '../../backend/labBackend.ts'
import type * as tf from '../../backend/tfjs.ts'
import { engine, tidy, type Tensor1D, type Tensor3D } from '../../backend/tfjs.ts'
import { fusedNewtonSchulz } from '../newtonSchulz/newtonSchulzKernel.ts'
import {
  momentKey,
  momentMember,
  numbersOf,
  type WholeMoment,
  type WholePage,
  type WholeWeight,
} from '../wholePage.ts'
import { bindings, constants, elementGrid, finiteness, float, forEachElement, newTensor } from '../wgsl.ts'
import applyBody from './apply.wgsl?raw'
import gatherBody from './gather.wgsl?raw'
import matrixAt from './matrixAt.wgsl?raw'
import { isTall, type MuonSettings } from './muonUpdate.ts'

const blockSize = 128

/** Matrices of one shape, wide ones as they are and tall ones turned. */
interface Stack {
  readonly rows: number
  readonly columns: number
  readonly members: WholeWeight[]
}

function stacksOf(weights: readonly WholeWeight[]): Stack[] {
  const stacks = new Map<string, Stack>()
  for (const weight of weights) {
    const [rows, columns] = [Math.min(...weight.shape), Math.max(...weight.shape)]
    const key = `${rows} ${columns}`
    const stack = stacks.get(key) ?? { rows, columns, members: [] }
    stack.members.push(weight)
    stacks.set(key, stack)
  }
  return [...stacks.values()]
}

/** Elements of stacks one after the other, each beginning at a multiple of 256 bytes, and their first elements. */
function placesOf(stacks: readonly Stack[]): { starts: number[]; length: number } {
  const starts: number[] = []
  let length = 0
  for (const { rows, columns, members } of stacks) {
    starts.push(length)
    length += Math.ceil((members.length * rows * columns) / 64) * 64
  }
  return { starts, length }
}

function blocksOf(weights: readonly WholeWeight[]): number {
  return weights.reduce((sum, { shape }) => sum + Math.ceil((shape[0]! * shape[1]!) / blockSize), 0)
}

/** What `matrixAt.wgsl` reads. */
export function muonTable({ weights }: WholePage): Uint32Array<ArrayBuffer> {
  const stacks = stacksOf(weights)
  const { starts } = placesOf(stacks)
  const places = new Map<WholeWeight, number>()
  stacks.forEach(({ rows, columns, members }, k) => {
    members.forEach((weight, i) => places.set(weight, starts[k]! + i * rows * columns))
  })
  const blocks: number[] = []
  weights.forEach(({ shape }, index) => {
    const first = blocks.length / 2
    for (let n = 0; n < shape[0]! * shape[1]!; n += blockSize) blocks.push(index, first)
  })
  const matrices = weights.flatMap((weight) => [
    weight.parameter,
    weight.gradient,
    weight.slots['m']!,
    places.get(weight)!,
    ...weight.shape,
    Number(isTall(weight.shape)),
    weight.group,
  ])
  return Uint32Array.from([...blocks, ...matrices])
}

/**
 * `muonTwin` for all matrices of a page, in place: one dispatch before and one after the Newton–Schulz steps of all
 * stacks of matrices of one shape. Nothing changes where the norm is not finite.
 * @param page its only slot is m
 * @param table of {@link muonTable}
 */
export function muonUpdate(
  backend: LabBackend,
  settings: MuonSettings,
  { page, table, moment }: { page: WholePage; table: GPUBuffer; moment: WholeMoment },
): void {
  const stacks = stacksOf(page.weights)
  const { starts, length } = placesOf(stacks)
  const blocks = blocksOf(page.weights)
  const count = blocks * blockSize
  const grid = elementGrid(backend, count)
  const { momentum, isNesterov, newtonSchulzSteps, polynomial } = settings
  const text = constants({ BLOCKS: blocks }) + finiteness + matrixAt
  tidy(() => {
    const before = newTensor<tf.Rank.R1>(backend, [length])
    backend.dispatch({
      key: `muonUpdate gather ${blocks} ${momentum} ${isNesterov}`,
      wgsl: () =>
        bindings({ all_m: 'f32', directions: 'f32' }, { gradient: 'f32', table: 'u32', clip: 'f32' }) +
        constants({ MOMENTUM: float(momentum), FRESH: float(1 - momentum), IS_NESTEROV: isNesterov }) +
        text +
        gatherBody +
        forEachElement(`${count}u`),
      writes: [page.slots['m']!, before],
      reads: [page.gradients, table, moment.clip],
      grid,
    })
    const after = newTensor<tf.Rank.R1>(backend, [length])
    const viewsOf = (all: Tensor1D): Tensor3D[] =>
      stacks.map((stack, k) => viewOf(backend, all, { stack, start: starts[k]! }))
    fusedNewtonSchulz(backend, viewsOf(before), {
      steps: newtonSchulzSteps,
      ...polynomial,
      outputs: viewsOf(after),
    })
    backend.dispatch({
      key: `muonUpdate apply ${blocks} ${momentKey(moment)}`,
      wgsl: () =>
        bindings(
          { parameter: 'f32' },
          { directions: 'f32', table: 'u32', clip: 'f32' },
          momentMember(moment),
        ) +
        text +
        applyBody.replace('NUMBERS', numbersOf(moment, 'matrix.group')) +
        forEachElement(`${count}u`),
      writes: [page.parameters],
      reads: [after, table, moment.clip],
      uniforms: moment.moment,
      grid,
    })
  })
}

function viewOf(
  backend: LabBackend,
  all: Tensor1D,
  { stack, start }: { stack: Stack; start: number },
): Tensor3D {
  const { rows, columns, members } = stack
  const { buffer, offset } = backend.rangeOf(all)
  const range = { buffer, offset: offset + 4 * start, size: 4 * members.length * rows * columns }
  const view = backend.viewOf(range, [members.length, rows, columns], 'float32')
  return engine().makeTensorFromTensorInfo(view) as Tensor3D
}
