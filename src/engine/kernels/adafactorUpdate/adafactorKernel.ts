import type { Dispatch } from '../../backend/dispatch.ts'
import type { LabBackend } from '../../backend/labBackend.ts'
import type { BufferRange } from '../../backend/plannedBuffer.ts'
import type * as tf from '../../backend/tfjs.ts'
import { tidy } from '../../backend/tfjs.ts'
import { momentKey, momentMember, numbersOf, type WholeMoment, type WholePage } from '../wholePage.ts'
import {
  bindings,
  constants,
  elementGrid,
  finiteness,
  float,
  forEachElement,
  forEachRow,
  newTensor,
} from '../wgsl.ts'
import { epsilonsOf, isFactored, type AdafactorSettings } from './adafactorUpdate.ts'
import applyBody from './apply.wgsl?raw'
import directionText from './direction.wgsl?raw'
import factorsBody from './factors.wgsl?raw'
import rowMeansBody from './rowMeans.wgsl?raw'
import scalesBody from './scales.wgsl?raw'
import squaresBody from './squares.wgsl?raw'
import statisticsBody from './statistics.wgsl?raw'
import tablesText from './tables.wgsl?raw'

const tileSide = 64

/** A weight [slices, rows, columns]; a vector is one row. */
function matricesOf(shape: readonly number[]): { slices: number; rows: number; columns: number } {
  const size = shape.reduce((product, length) => product * length, 1)
  if (!isFactored(shape)) return { slices: 1, rows: 1, columns: size }
  const [rows, columns] = [shape.at(-2)!, shape.at(-1)!]
  return { slices: size / (rows * columns), rows, columns }
}

interface Parts {
  readonly tiles: number[]
  readonly blocks: number[]
  readonly slices: number[]
  readonly weights: number[]
}

/** In the order of `tables.wgsl`. */
function partsOf({ weights }: WholePage): Parts {
  const parts: Parts = { tiles: [], blocks: [], slices: [], weights: [] }
  weights.forEach(({ shape, group, parameter, gradient, slots }, index) => {
    const { slices, rows, columns } = matricesOf(shape)
    const [down, across] = [Math.ceil(rows / tileSide), Math.ceil(columns / tileSide)]
    const firstSlice = parts.slices.length / 5
    for (let k = 0; k < slices; k++) {
      const slice = firstSlice + k
      parts.slices.push(index, k, parts.tiles.length / 3, down, across)
      for (let row = 0; row < rows; row += tileSide)
        for (let column = 0; column < columns; column += tileSide) parts.tiles.push(slice, row, column)
      if (!isFactored(shape)) continue
      for (let row = 0; row < rows; row += tileSide) parts.blocks.push(slice, 0, row)
      for (let column = 0; column < columns; column += tileSide) parts.blocks.push(slice, 1, column)
    }
    const places = ['row', 'column', 'v', 'm'].map((slot) => slots[slot] ?? 0)
    const sizes = [rows, columns, slices, group, firstSlice, Number(isFactored(shape))]
    parts.weights.push(parameter, gradient, ...places, ...sizes)
  })
  return parts
}

/** What `tables.wgsl` reads. */
export function adafactorTable(page: WholePage): Uint32Array<ArrayBuffer> {
  const { tiles, blocks, slices, weights } = partsOf(page)
  return Uint32Array.from([...tiles, ...blocks, ...slices, ...weights])
}

/** What the dispatches of an update have in common. */
interface Update {
  readonly backend: LabBackend
  readonly settings: AdafactorSettings
  readonly page: WholePage
  readonly table: GPUBuffer
  readonly moment: WholeMoment
  readonly counts: { readonly tiles: number; readonly blocks: number; readonly slices: number }
  slot(name: string): BufferRange
}

interface Part {
  readonly name: string
  readonly body: string
  /** Name, element type and what is bound. */
  readonly writes: readonly (readonly [string, string, Dispatch['writes'][number]])[]
  readonly reads: readonly (readonly [string, string, Dispatch['reads'][number]])[]
  readonly constants?: Readonly<Record<string, string | boolean>>
  /** Threads, or rows of 64 threads. */
  readonly threads?: number
  readonly rows?: number
}

function dispatchPart(
  { backend, table, moment, counts, page }: Update,
  { name, body, writes, reads, constants: values = {}, threads, rows = 0 }: Part,
): void {
  const named = (list: Part['writes'] | Part['reads']): Record<string, string> =>
    Object.fromEntries(list.map(([buffer, type]) => [buffer, type]))
  const { tiles, blocks, slices } = counts
  const hasNumbers = body.includes('NUMBERS')
  const sizes = `${tiles} ${blocks} ${slices} ${page.weights.length}`
  const ofMoment = hasNumbers ? ` ${momentKey(moment)}` : ''
  backend.dispatch({
    key: `adafactorUpdate ${name} ${sizes}${ofMoment} ${JSON.stringify(values)}`,
    wgsl: () =>
      bindings(named(writes), { ...named(reads), table: 'u32' }, hasNumbers ? momentMember(moment) : '') +
      constants({ TILES: tiles, BLOCKS: blocks, SLICES: slices, ...values }) +
      finiteness +
      tablesText +
      body.replace('NUMBERS', numbersOf(moment, 'weight.group')) +
      (threads === undefined ? forEachRow(64, `${rows}u`) : forEachElement(`${threads}u`)),
    writes: writes.map(([, , bound]) => bound),
    reads: [...reads.map(([, , bound]) => bound), table],
    ...(hasNumbers && { uniforms: moment.moment }),
    grid: threads === undefined ? backend.line(rows) : elementGrid(backend, threads),
  })
}

/**
 * `adafactorTwin` for all weights of a page, in place, in six dispatches. Sums are those of tiles of 64 by 64, then of
 * tiles in their order. Nothing changes where the norm is not finite.
 * @param page its slots are row, column, v and m as far as there are such
 * @param table of {@link adafactorTable}
 */
export function adafactorUpdate(
  backend: LabBackend,
  settings: AdafactorSettings,
  given: { page: WholePage; table: GPUBuffer; moment: WholeMoment },
): void {
  const { tiles, blocks, slices } = partsOf(given.page)
  const counts = { tiles: tiles.length / 3, blocks: blocks.length / 3, slices: slices.length / 5 }
  tidy(() => {
    // Something has to be bound where no weight has such a slot.
    const slot = (name: string): BufferRange =>
      given.page.slots[name] ?? backend.rangeOf(newTensor(backend, [1]))
    const update: Update = { backend, settings, counts, slot, ...given }
    const partial = newTensor<tf.Rank.R2>(backend, [counts.tiles * tileSide, 4])
    const means = newTensor<tf.Rank.R1>(backend, [counts.slices])
    const squares = newTensor<tf.Rank.R1>(backend, [counts.tiles * tileSide])
    const scales = newTensor<tf.Rank.R2>(backend, [counts.slices, 8])
    measureGradients(update, partial, means)
    measureDirections(update, { partial, means, squares, scales })
    apply(update, scales)
  })
}

function epsilonConstants(settings: AdafactorSettings): Readonly<Record<string, string | boolean>> {
  const { added, floor } = epsilonsOf(settings)
  const isFloor = settings.epsilonKind === 'floor'
  return { ADDED: float(added), FLOOR: float(floor), EPSILON: float(settings.epsilon), IS_FLOOR: isFloor }
}

function measureGradients(update: Update, partial: tf.Tensor, means: tf.Tensor): void {
  const { page, moment, counts, settings, slot } = update
  const clip = ['clip', 'f32', moment.clip] as const
  dispatchPart(update, {
    name: 'statistics',
    body: statisticsBody,
    writes: [['partial', 'vec4<f32>', partial]],
    reads: [['gradient', 'f32', page.gradients], ['parameter', 'f32', page.parameters], clip],
    constants: epsilonConstants(settings),
    threads: counts.tiles * tileSide,
  })
  if (counts.blocks > 0)
    dispatchPart(update, {
      name: 'factors',
      body: factorsBody,
      writes: [
        ['all_row', 'f32', slot('row')],
        ['all_column', 'f32', slot('column')],
      ],
      reads: [['partial', 'vec4<f32>', partial], clip],
      threads: counts.blocks * tileSide,
    })
  dispatchPart(update, {
    name: 'rowMeans',
    body: rowMeansBody,
    writes: [['means', 'f32', means]],
    reads: [['all_row', 'f32', slot('row')]],
    rows: counts.slices,
  })
}

function measureDirections(
  update: Update,
  { partial, means, squares, scales }: Record<'partial' | 'means' | 'squares' | 'scales', tf.Tensor>,
): void {
  const { page, moment, counts, settings, slot } = update
  const clip = ['clip', 'f32', moment.clip] as const
  dispatchPart(update, {
    name: 'squares',
    body: directionText + squaresBody,
    writes: [['squares', 'f32', squares]],
    reads: [
      ['gradient', 'f32', page.gradients],
      ['all_row', 'f32', slot('row')],
      ['all_column', 'f32', slot('column')],
      ['all_v', 'f32', slot('v')],
      ['means', 'f32', means],
      clip,
    ],
    constants: epsilonConstants(settings),
    threads: counts.tiles * tileSide,
  })
  dispatchPart(update, {
    name: 'scales',
    body: scalesBody,
    writes: [['scales', 'vec4<f32>', scales]],
    reads: [['partial', 'vec4<f32>', partial], ['squares', 'f32', squares], ['means', 'f32', means], clip],
    constants: {
      THRESHOLD: float(settings.clipThreshold),
      LEAST_SCALE: float(settings.leastScale),
      IS_SCALED: settings.isScaled,
      IS_DECAY_BY_RATE: settings.decayKind === 'rate',
    },
    rows: page.weights.length,
  })
}

function apply(update: Update, scales: tf.Tensor): void {
  const { page, counts, settings, slot } = update
  const { beta1 } = settings
  const hasMean = beta1 > 0
  const mean = 'step = BETA1 * all_m[weight.m + at] + FRESH * step; all_m[weight.m + at] = step;'
  dispatchPart(update, {
    name: 'apply',
    body: directionText + applyBody.replace('MEAN', hasMean ? mean : ''),
    writes: [
      ['parameter', 'f32', page.parameters],
      ['all_v', 'f32', slot('v')],
      ...(hasMean ? ([['all_m', 'f32', slot('m')]] as const) : []),
    ],
    reads: [
      ['gradient', 'f32', page.gradients],
      ['all_row', 'f32', slot('row')],
      ['all_column', 'f32', slot('column')],
      ['scales', 'vec4<f32>', scales],
    ],
    constants: {
      ...epsilonConstants(settings),
      ...(hasMean && { BETA1: float(beta1), FRESH: float(1 - beta1) }),
    },
    threads: counts.tiles * tileSide,
  })
}
