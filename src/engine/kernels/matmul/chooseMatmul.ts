import type { LabBackend } from '../../backend/labBackend.ts'
import { kernels, possibleKernels, usualKernels, type MatmulKernelName } from './matmulKernels.ts'
import { rowBlocks, type MatmulShape } from './matmulShape.ts'
import { unfoldingKey } from './unfolding.ts'

/** Choices by {@link matmulKey}: plain data, stored with a run since they decide its bits. */
export type MatmulChoices = Readonly<Record<string, string>>

/** A product of a model, and whether it stands alone, so that its sums may be made in parts. */
export interface ProductShape extends MatmulShape {
  readonly canBeParts: boolean
}

let choices: MatmulChoices = {}
let everyProduct: MatmulKernelName | null = null
let noted: ProductShape[] | null = null

/** Products within `run` use these kernels; names that the adapter cannot run count for nothing. */
export function withMatmulChoices<T>(chosen: MatmulChoices, run: () => T): T {
  const former = choices
  choices = chosen
  try {
    return run()
  } finally {
    choices = former
  }
}

/**
 * What `run` gives with each kernel that leaves place for an epilogue, for all of its products: on a GPU sizes decide which
 * one a model uses, and the self-test's are small. Once on a rasteriser, whose compilers are slow, and where it is null.
 */
export function byEveryMatmul<T>(backend: LabBackend | null, run: () => T[]): T[] {
  if (backend === null || backend.isSoftware) return run()
  const former = everyProduct
  try {
    return usualKernels(backend, false).flatMap((name) => {
      everyProduct = name
      return run()
    })
  } finally {
    everyProduct = former
  }
}

/** The products that are asked for within `run`, in order, as often as they are. */
export function productsWithin(run: () => void): ProductShape[] {
  const former = noted
  const mine: ProductShape[] = []
  noted = mine
  try {
    run()
  } finally {
    noted = former
  }
  return mine
}

export function matmulKey(shape: MatmulShape): string {
  const { count, rows, columns, inner, isATransposed, isBTransposed, unfolding, isBFlipped } = shape
  const one = `${isATransposed ? 't' : 'n'}${isBTransposed ? 't' : 'n'} ${rows} ${columns} ${inner}`
  if (unfolding) return `${one} ${isBFlipped ? 'flipped ' : ''}${unfoldingKey(unfolding)}`
  return count === 1 ? one : `${one} x ${count}`
}

/**
 * Products of windows are always those of the table: what is measured are matrices.
 * @param canBeParts whether the product may be summed in parts: it must have no epilogue
 */
export function chooseMatmul(backend: LabBackend, shape: MatmulShape, canBeParts: boolean): MatmulKernelName {
  if (shape.unfolding) return tableChoice(backend, shape, canBeParts)
  noted?.push({ ...shape, canBeParts })
  const possible = possibleKernels(backend, canBeParts)
  const choice = everyProduct ?? choices[matmulKey(shape)]
  return possible.find((name) => name === choice) ?? tableChoice(backend, shape, canBeParts)
}

/** What is taken without a choice: the same on every adapter of a kind. */
export function tableChoice(backend: LabBackend, shape: MatmulShape, canBeParts: boolean): MatmulKernelName {
  const possible = possibleKernels(backend, canBeParts)
  return backend.isSoftware ? softwareDefault(possible, shape) : hardwareDefault(shape, canBeParts)
}

/** With fewer rows, what the last block of 32 computes past the edge costs more than its loads are fewer. */
const tallRows = 128

function softwareDefault(possible: readonly MatmulKernelName[], { rows }: MatmulShape): MatmulKernelName {
  const narrow: MatmulKernelName[] = ['lanes8-8x4', 'lanes4-8x4']
  const wide: MatmulKernelName[] = ['lanes8-16x4', 'lanes4-16x8', ...narrow]
  const order: MatmulKernelName[] = rows >= tallRows ? ['lanes8-32x4', ...wide] : rows > 8 ? wide : narrow
  return order.find((name) => possible.includes(name)) ?? 'registers-4x8'
}

/** Workgroups that keep a GPU busy; with fewer, smaller blocks win, then parts of the sums. */
const busy = 128

function hardwareDefault(shape: MatmulShape, canBeParts: boolean): MatmulKernelName {
  const { columns, inner } = shape
  const groups = (name: MatmulKernelName): number => {
    const { block, parts } = kernels[name]
    return rowBlocks(shape, block[0]) * Math.ceil(columns / block[1]) * parts
  }
  const whole: MatmulKernelName[] = ['shared-64x64', 'shared-32x32']
  const inParts: MatmulKernelName[] =
    canBeParts && inner >= 256 ? ['shared-64x64-4parts', 'shared-32x32-4parts', 'shared-32x32-16parts'] : []
  const order = [...whole, ...inParts]
  return order.find((name) => groups(name) >= busy) ?? order.at(-1)!
}
