import { LabBackend } from '../../backend/labBackend.ts'
import { customGradients } from '../../backend/customGradients.ts'
import { offTape } from '../../backend/offTape.ts'
import { isTapeOn, onOwnTape } from '../../backend/tape.ts'
import {
  add,
  addN,
  backend,
  clone,
  concat,
  dispose,
  engine,
  exp,
  keep,
  mul,
  slice,
  tidy,
  zerosLike,
  type Scalar,
  type Tensor,
  type Tensor2D,
} from '../../backend/tfjs.ts'
import { withGradientPlaces } from '../../kernels/gradientOutput.ts'
import { rowBlocks, type RowChunk } from '../../kernels/rowChunks.ts'

/** What is held against each other, row by row. */
export interface Sides {
  /** [N, D] */
  readonly rows: Tensor2D
  /** [M, D]; may be the same tensor. */
  readonly columns: Tensor2D
  /** As `scaleOf` gives it; left out for 1. */
  readonly scale?: number | Scalar
}

/** Some of the rows, and all columns. */
export interface RowBlock extends RowChunk {
  readonly rows: Tensor2D
  readonly columns: Tensor2D
  /** What similarities are multiplied by. */
  readonly factor: number | Tensor
}

/** What a loss makes of a block. */
interface Terms<Name extends string> {
  /** Scalar with a gradient. */
  readonly total: Tensor
  /** Scalars without one. */
  readonly aside: Readonly<Record<Name, Tensor>>
}

/**
 * Sums over rows of what they make of all columns, for some rows at a time, so that no matrix [N, M] is kept. Where
 * gradients will be asked for, those of a block are made at once, while its matrices are there (as in Hsu et al. 2024,
 * "Liger kernel"), and added up in the order of blocks: the same bits each time.
 * @param of depends on nothing else that is differentiated, and sums over the rows of its block
 */
export function sumOverRows<Name extends string = never>(
  sides: Sides,
  of: (block: RowBlock) => Terms<Name>,
): { readonly total: Scalar; readonly aside: Readonly<Record<Name, Scalar>> } {
  const inputs = inputsOf(sides)
  letGo()
  if (!isTapeOn()) return tidy(() => addedUp(sides, of))
  const { total, aside, slopes } = onOwnTape(() => tidy(() => withSlopes(sides, of)))
  const [value] = customGradients(inputs, (save) => {
    save([...slopes])
    return { values: [clone(total)], gradFunc: ([dy], saved) => saved.map((slope) => mul(slope, dy!)) }
  })
  // What is saved lives on; the rest need not wait for the end of the step.
  dispose([total, ...slopes])
  letGo()
  return { total: value as Scalar, aside }
}

/** What `of` makes of each block of rows [N, M], one below the other; without a gradient. */
export function eachBlock<T extends Tensor>(
  [rows, columns]: readonly [number, number],
  of: (block: RowChunk) => T,
): T {
  return offTape(() => {
    const parts = rowBlocks(rows, columns).map((block) => {
      const part = tidy(() => of(block))
      submit()
      return part
    })
    return parts.length === 1 ? parts[0]! : concat(parts, 0)
  })
}

/** Those rows of a tensor. */
export function rowsIn<T extends Tensor>(x: T, { first, count }: RowChunk): T {
  return slice(x, first, count)
}

/** Each tensor once: a gradient of rows and one of columns may be those of one. */
function inputsOf({ rows, columns, scale = 1 }: Sides): Tensor[] {
  const sides = rows === columns ? [rows] : [rows, columns]
  return typeof scale === 'number' ? sides : [...sides, scale]
}

type Sums<Name extends string> = { total: Scalar; aside: Record<Name, Scalar> }

function addedUp<Name extends string>(
  { rows, columns, scale = 1 }: Sides,
  of: (block: RowBlock) => Terms<Name>,
): Sums<Name> {
  const factor = typeof scale === 'number' ? scale : exp(scale)
  const running = new RunningSums()
  let names: string[] = []
  for (const chunk of rowBlocks(rows.shape[0], columns.shape[0]))
    running.add(() => {
      const { total, aside } = of({ ...chunk, rows: rowsIn(rows, chunk), columns, factor })
      names = Object.keys(aside)
      return [total, ...Object.values<Tensor>(aside)]
    })
  return named(running.sums, names)
}

/** The same, and the gradient in each of {@link inputsOf}. */
function withSlopes<Name extends string>(
  sides: Sides,
  of: (block: RowBlock) => Terms<Name>,
): Sums<Name> & { slopes: Tensor[] } {
  const { rows, columns, scale } = sides
  const running = new RunningSums()
  const ofRows: Tensor[] = []
  let names: string[] = []
  for (const chunk of rowBlocks(rows.shape[0], columns.shape[0]))
    running.add(() => {
      const part = rowsIn(rows, chunk)
      const points = [part, columns, ...(typeof scale === 'object' ? [scale] : [])]
      let kept: Tensor[] = []
      const run = (): Scalar => {
        const factor = typeof scale === 'object' ? exp(scale) : (scale ?? 1)
        const { total, aside } = of({ ...chunk, rows: part, columns, factor })
        names = Object.keys(aside)
        kept = Object.values<Tensor>(aside).map((each) => keep(clone(each)))
        return total as Scalar
      }
      const { value, slopes } = gradientsOf(run, points)
      const asides = kept.map((each) => clone(each))
      dispose(kept)
      ofRows.push(keep(slopes[0]!))
      return [value, ...asides, ...slopes.slice(1)]
    })
  const { sums } = running
  const ofAllRows = concat(ofRows, 0)
  dispose(ofRows)
  const [ofColumns, ...ofScale] = sums.slice(1 + names.length)
  const ofSides = rows === columns ? [addN([ofAllRows, ofColumns!])] : [ofAllRows, ofColumns!]
  return { ...named<Name>(sums, names), slopes: [...ofSides, ...ofScale] }
}

function gradientsOf(run: () => Scalar, points: Tensor[]): { value: Tensor; slopes: Tensor[] } {
  // Weights have their places for the backward pass that is to come.
  const { value, grads } = withGradientPlaces(new Map(), () =>
    engine().gradients(run, points, undefined, true),
  )
  const slopes = (grads as (Tensor | undefined)[]).map((slope, i) => slope ?? zerosLike(points[i]!))
  return { value, slopes }
}

function named<Name extends string>(sums: readonly Tensor[], names: readonly string[]): Sums<Name> {
  const aside = Object.fromEntries(names.map((name, i) => [name, sums[1 + i] as Scalar]))
  return { total: sums[0] as Scalar, aside: aside as Record<Name, Scalar> }
}

/** Sums of what blocks give, of which no more than one exists at a time. */
class RunningSums {
  sums: Tensor[] = []

  /** @param make new tensors, as many and as large each time */
  add(make: () => Tensor[]): void {
    const more = tidy(make)
    const before = this.sums
    this.sums = before.length === 0 ? more : more.map((each, i) => add(before[i]!, each))
    if (before.length > 0) dispose([...before, ...more])
    submit()
  }
}

/** The next block takes the place of this one. A recorded step is planned so anyway. */
function submit(): void {
  eagerBackend()?.flush()
}

/** Buffers wait for others of their size: those of blocks do for nothing else, and blocks have no use for what is there. */
function letGo(): void {
  eagerBackend()?.trim()
}

function eagerBackend(): LabBackend | null {
  const current = backend()
  return current instanceof LabBackend && !current.isRecording ? current : null
}
