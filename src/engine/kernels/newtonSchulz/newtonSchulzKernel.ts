import type { LabBackend } from '../../backend/labBackend.ts'
import type { Tensor3D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import type { EpiloguePart } from '../matmul/epilogue.ts'
import { matmulStack } from '../matmul/matmul.ts'
import { bindings, constants, elementGrid, float, forEachElement, forEachRow, newTensor } from '../wgsl.ts'
import type { Polynomial } from './newtonSchulz.ts'
import scaleBody from './scale.wgsl?raw'
import squaresBody from './squares.wgsl?raw'

export interface NewtonSchulzOptions extends Polynomial {
  /** From 1. */
  readonly steps: number
  /** For the results, of the shapes of the stacks; new tensors by default. */
  readonly outputs?: readonly Tensor3D[]
}

/**
 * Two dispatches a stack for their lengths; in every step two a stack, and one for all stacks of equally many rows, or
 * one a stack where their Gram matrices cannot be bound apart.
 * @param stacks [count, M, N] each
 */
export function fusedNewtonSchulz(
  backend: LabBackend,
  stacks: readonly Tensor3D[],
  { steps, coefficients, leastNorm, outputs }: NewtonSchulzOptions,
): Tensor3D[] {
  let all = stacks.map((stack) => normalised(backend, stack, leastNorm))
  for (let step = 1; step <= steps; step++) {
    const next = nextOf(backend, all, { coefficients, outputs: step === steps ? outputs : undefined })
    tf.dispose(all)
    all = next
  }
  return all
}

/** Elements that a workgroup adds up, until a matrix has 64 of them. */
const blockSize = 4096

/** Each matrix divided by its length. */
function normalised(backend: LabBackend, x: Tensor3D, leastNorm: number): Tensor3D {
  const [count, rows, columns] = x.shape
  const size = rows * columns
  const blocks = Math.min(64, Math.ceil(size / blockSize))
  const sizes = { SIZE: size, BLOCKS: blocks }
  const partial = newTensor<tf.Rank.R1>(backend, [count * blocks])
  backend.dispatch({
    key: `newtonSchulz squares ${size} ${count}`,
    wgsl: () =>
      bindings({ partial: 'f32' }, { x: 'f32' }) +
      constants(sizes) +
      squaresBody +
      forEachRow(64, `${count * blocks}u`),
    writes: [partial],
    reads: [x],
    grid: backend.line(count * blocks),
  })
  const y = newTensor<tf.Rank.R3>(backend, x.shape)
  backend.dispatch({
    key: `newtonSchulz scale ${size} ${count} ${leastNorm}`,
    wgsl: () =>
      bindings({ y: 'f32' }, { x: 'f32', partial: 'f32' }) +
      constants({ ...sizes, LEAST: float(leastNorm) }) +
      scaleBody +
      forEachElement(`${count * size}u`),
    writes: [y],
    reads: [x, partial],
    grid: elementGrid(backend, count * size),
  })
  partial.dispose()
  return y
}

interface StepOptions extends Pick<NewtonSchulzOptions, 'coefficients'> {
  readonly outputs: readonly Tensor3D[] | undefined
}

/** What is scaled and added follows its product. */
function nextOf(backend: LabBackend, stacks: readonly Tensor3D[], options: StepOptions): Tensor3D[] {
  const [a, b, c] = options.coefficients
  const next: Tensor3D[] = []
  for (const family of familiesOf(stacks)) {
    const members = family.map((index) => stacks[index]!)
    const rows = members[0]!.shape[1]
    const total = members.reduce((sum, { shape }) => sum + shape[0], 0)
    const grams = newTensor<tf.Rank.R3>(backend, [total, rows, rows])
    const ofMembers = partsOf(backend, grams, members)
    members.forEach((x, i) =>
      matmulStack(backend, { a: x, b: x, isBTransposed: true, output: ofMembers[i]! }),
    )
    const square = plus('square', grams, { product: c, read: b })
    const inners = matmulStack(backend, { a: grams, b: grams, epilogue: { parts: [square] } })
    const inner = partsOf(backend, inners, members)
    members.forEach((x, i) => {
      const index = family[i]!
      const epilogue = { parts: [plus('step', x, { product: 1, read: a })] }
      const output = options.outputs?.[index]
      next[index] = matmulStack(backend, { a: inner[i]!, b: x, epilogue, ...(output && { output }) })
    })
    tf.dispose([grams, inners, ...ofMembers, ...inner])
  }
  return next
}

function plus(name: string, read: Tensor3D, factors: { product: number; read: number }): EpiloguePart {
  return {
    key: `newton-schulz ${name} ${factors.product} ${factors.read}`,
    reads: { read },
    code: `v = ${factors.product} * v + ${factors.read} * read;`,
  }
}

/** Indices of stacks whose Gram matrices can lie in one stack: bindings begin at multiples of 256 bytes. */
function familiesOf(stacks: readonly Tensor3D[]): number[][] {
  const families = new Map<string, number[]>()
  stacks.forEach(({ shape: [, rows] }, index) => {
    const key = (rows * rows) % 64 === 0 ? `${rows}` : `${rows} of ${index}`
    families.set(key, [...(families.get(key) ?? []), index])
  })
  return [...families.values()]
}

/** Views of a stack of square matrices: one for each member, of as many matrices. */
function partsOf(backend: LabBackend, stack: Tensor3D, members: readonly Tensor3D[]): Tensor3D[] {
  const { buffer, offset } = backend.rangeOf(stack)
  const rows = stack.shape[1]
  let first = 0
  return members.map(({ shape: [count] }) => {
    const range = { buffer, offset: offset + 4 * first * rows * rows, size: 4 * count * rows * rows }
    first += count
    const view = backend.viewOf(range, [count, rows, rows], 'float32')
    return tf.engine().makeTensorFromTensorInfo(view) as Tensor3D
  })
}
