import { LabBackend } from '../backend/labBackend.ts'
import type { BufferRange } from '../backend/plannedBuffer.ts'
import { notRecordable } from '../backend/recorder.ts'
import type { Scalar, Tensor, Tensor1D } from '../backend/tfjs.ts'
import {
  backend as currentBackend,
  clone,
  dispose,
  isFinite,
  reshape,
  slice,
  tidy,
  variable,
  where,
} from '../backend/tfjs.ts'
import {
  flatUpdate,
  momentStride,
  type FlatPage,
  type FlatUpdateRule,
} from '../kernels/flatUpdate/flatUpdate.ts'
import { keepFinite } from '../kernels/flatUpdate/keepFinite.ts'
import { clipByGlobalNorm, type GlobalNorm } from '../kernels/globalNorm/globalNorm.ts'
import type { GradientPlaces } from '../kernels/gradientOutput.ts'
import { isSwitchedOff } from '../kernels/mode.ts'
import type { ConfigRecord } from '../ops/typedConfig.ts'
import { blockSize, pageLimit, type Layout } from '../parameters/layout.ts'
import { createTensorStore, type TensorStore } from '../parameters/tensorStore.ts'
import type { OptimizerSpec, UpdateEntry, UpdateMoment } from './defineOptimizer.ts'
import { paramsOf, rateOf, updaterLayout, type Learner } from './updaterLayout.ts'
import { WholeUpdater } from './wholeUpdater.ts'

export interface UpdaterOptions {
  readonly optimizer: OptimizerSpec
  readonly params: ConfigRecord
  readonly learners: readonly Learner[]
  /** Holds the learners among others. */
  readonly weights: TensorStore
}

/** What an update needs besides gradients. */
export interface Moment extends UpdateMoment {
  /** On the device, what {@link Updater.numbers} gave for this update; null on the CPU. */
  readonly numbers: BufferRange | null
}

/** How far gradients may reach. */
export interface GradientLimit {
  /** 0: as far as they like. */
  readonly maxNorm: number
  readonly kind: GlobalNorm
}

/**
 * Gradients, and what an optimizer keeps, for the weights that learn; and the update of all of them. On the GPU it is
 * one dispatch a page, over flat buffers; on the CPU one weight after the other.
 */
export class Updater {
  readonly learners: readonly Learner[]
  /** One store for each slot of the optimizer. */
  readonly slots: ReadonlyMap<string, TensorStore>
  /** Where backward passes write; none on the CPU. */
  readonly gradients: TensorStore | null
  /** The same for all but the first batch of an update; null until {@link makeSpare}. */
  spareGradients: TensorStore | null = null
  readonly #options: UpdaterOptions
  /** Those that are updated number by number. */
  readonly #flat: readonly Learner[]
  /** null where there are none. */
  readonly #rule: FlatUpdateRule | null
  /** null where there are none that it would update. */
  readonly #whole: WholeUpdater | null
  /** null on the CPU. */
  readonly #backend: LabBackend | null
  /** Of the flat ones: one for each set of numbers. */
  readonly #groups: readonly Learner[]
  readonly #pages: readonly FlatPage[]
  readonly #tables: readonly GPUBuffer[]

  constructor(options: UpdaterOptions) {
    const { optimizer, params, learners, weights } = options
    this.#options = options
    this.learners = learners
    const pageOf = (name: string): number => weights.layout.places.get(name)!.page
    const specs = learners.map(({ spec }) => spec)
    const placing = { mostElements: pageLimit(), pageOf }
    const { flat, gradients, slots } = updaterLayout(optimizer, params, specs, placing)
    const isFlat = ({ spec }: Learner): boolean => flat.places.has(spec.name)
    this.#flat = learners.filter(isFlat)
    this.#rule = this.#flat.length > 0 ? optimizer.flat!.rule(params) : null
    this.slots = new Map(
      [...slots].map(([slot, layout]) => [slot, createTensorStore(layout, `optimizer ${slot}`)]),
    )
    const current = currentBackend()
    const backend = current instanceof LabBackend ? current : null
    this.#backend = backend
    this.gradients = backend !== null ? createTensorStore(gradients, 'gradients') : null
    const whole = learners.filter((learner) => !isFlat(learner))
    const kept = { weights, slots: this.slots, gradients: this.gradients }
    this.#whole =
      whole.length > 0 ? new WholeUpdater({ part: optimizer.whole!, params, learners: whole, ...kept }) : null
    this.#groups = groupsOf(this.#flat)
    this.#tables = backend !== null ? this.#makeTables(backend, flat) : []
    this.#pages = this.#tables.map((table, page) => ({
      parameters: weights.pages[page]!,
      gradients: beginningOf(this.gradients!, page, flat),
      slots: this.#rule!.slots.map((slot) => beginningOf(this.slots.get(slot)!, page, flat)),
      table,
      blocks: flat.pageLengths[page]! / blockSize,
    }))
  }

  /** Before an update of several batches. */
  makeSpare(): void {
    if (this.gradients !== null)
      this.spareGradients ??= createTensorStore(this.gradients.layout, 'gradients of a batch')
  }

  /** float32 numbers that an update needs on the device. */
  get momentLength(): number {
    return this.#flatLength + (this.#whole?.momentLength ?? 0)
  }

  /** Of an update, for the device. */
  numbers(given: UpdateMoment): Float32Array {
    const { optimizer, params } = this.#options
    const all = new Float32Array(this.momentLength)
    this.#groups.forEach((group, i) => {
      const moment = { step: given.step, learningRate: rateOf(group, given) }
      const own = optimizer.flat!.numbers(paramsOf(params, group), moment, group.spec.kind)
      all.set(own, i * momentStride(this.#rule!))
    })
    if (this.#whole !== null) all.set(this.#whole.numbers(given), this.#flatLength)
    return all
  }

  get #flatLength(): number {
    return this.#rule === null ? 0 : this.#groups.length * momentStride(this.#rule)
  }

  /** For `withGradientPlaces`: a place for each learner, in these stores' buffers. */
  placesIn(store: TensorStore): GradientPlaces {
    const { weights } = this.#options
    const places: GradientPlaces = new Map()
    for (const { name, page, offset, length } of store.layout.places.values()) {
      const range = { buffer: store.pages[page]!.buffer, offset: offset * 4, size: length * 4 }
      places.set(weights.variables.get(name)!.dataId, range)
    }
    return places
  }

  /**
   * Clips by the global norm and updates all weights.
   * @param gradients one for each learner; on the GPU they lie in {@link gradients} instead, and null is given
   * @returns float32 [2]: clip factor, norm before clipping
   */
  apply(gradients: readonly Tensor[] | null, moment: Moment, limit: GradientLimit): Tensor1D {
    const backend = currentBackend()
    if (gradients !== null || !(backend instanceof LabBackend))
      return this.#applyEach(gradients!, moment, limit)
    const { pages, layout } = this.gradients!
    const filled = pages.filter((_, page) => layout.pageLengths[page]! > 0)
    const clip = clipByGlobalNorm(filled, limit.maxNorm, limit.kind)
    const numbers = moment.numbers!
    if (isSwitchedOff(backend, 'flatUpdate')) this.#updateByTwin(backend, { ...moment, clip })
    else {
      for (const page of this.#pages) {
        if (page.blocks === 0) continue
        flatUpdate(backend, this.#rule!, page, { moment: numbers, clip: backend.rangeOf(clip) })
      }
    }
    const place = { moment: numbers, offset: this.#flatLength }
    this.#whole?.apply(backend, clip, place)
    return clip
  }

  dispose(): void {
    this.slots.forEach((store) => store.dispose())
    this.gradients?.dispose()
    this.spareGradients?.dispose()
    this.#tables.forEach((table) => this.#backend!.freeBuffer(table))
    this.#whole?.dispose()
  }

  #applyEach(gradients: readonly Tensor[], moment: UpdateMoment, { maxNorm, kind }: GradientLimit): Tensor1D {
    const { weights } = this.#options
    const clip = clipByGlobalNorm(gradients, maxNorm, kind)
    // A broken gradient must not break the weights: the run stops here, and they are still good.
    const isSound = isFinite(slice(clip, 1, 1))
    const byName = new Map(this.learners.map(({ spec }, i) => [spec.name, gradients[i]!]))
    for (const learner of this.#flat) {
      const { name } = learner.spec
      const slots = Object.fromEntries(
        this.#rule!.slots.map((slot) => [slot, this.slots.get(slot)!.variables.get(name)!]),
      )
      const parameter = weights.variables.get(name)!
      const variables = [parameter, ...Object.values(slots)]
      tidy(() => {
        const before = variables.map((each) => clone(each))
        this.#updateOne(learner, { parameter, slots, gradient: byName.get(name)! }, { ...moment, clip })
        variables.forEach((each, i) => each.assign(where(isSound, each, before[i]!)))
      })
    }
    this.#whole?.applyOnHost((name) => byName.get(name)!, clip, { ...moment, isSound })
    isSound.dispose()
    return clip
  }

  #updateOne(
    learner: Learner,
    tensors: Omit<UpdateEntry, 'kind'>,
    { step, clip, ...rates }: UpdateMoment & { clip: Tensor1D },
  ): void {
    const { optimizer, params } = this.#options
    tidy(() => {
      const clipFactor: Scalar = reshape(slice(clip, 0, 1), [])
      const moment = { step, clipFactor, learningRate: rateOf(learner, rates) }
      const entry = { kind: learner.spec.kind, ...tensors }
      optimizer.flat!.update(paramsOf(params, learner), entry, moment)
    })
  }

  /**
   * The same as {@link flatUpdate} from tfjs's operations, where that kernel is switched off: on copies, which go back
   * into the flat buffers.
   */
  #updateByTwin(backend: LabBackend, moment: UpdateMoment & { clip: Tensor1D }): void {
    if (backend.isRecording) throw notRecordable('an optimizer that takes its numbers from the host')
    const { weights } = this.#options
    for (const learner of this.#flat) {
      const { name } = learner.spec
      const names = this.#rule!.slots
      const stores = [weights, ...names.map((slot) => this.slots.get(slot)!)]
      const copies = stores.map((store) => variable(store.variables.get(name)!))
      const [parameter, ...ofSlots] = copies
      const slots = Object.fromEntries(names.map((slot, i) => [slot, ofSlots[i]!]))
      const gradient = this.gradients!.variables.get(name)!
      this.#updateOne(learner, { parameter: parameter!, slots, gradient }, moment)
      stores.forEach((store, i) => keepFinite(backend, store.variables.get(name)!, copies[i]!, moment.clip))
      dispose(copies)
    }
  }

  /** For each page and block of it: where it lies among all weights, and its group. */
  #makeTables(backend: LabBackend, layout: Layout): GPUBuffer[] {
    const { weights } = this.#options
    const tableOf = (ofPage: number, words: number): Uint32Array<ArrayBuffer> => {
      const table = new Uint32Array(words)
      for (const learner of this.#flat) {
        const { name } = learner.spec
        const group = this.#groups.findIndex((other) => isSameGroup(other, learner))
        const { page, offset, length } = layout.places.get(name)!
        if (page !== ofPage) continue
        const first = weights.layout.places.get(name)!.offset / blockSize
        for (let block = 0; block * blockSize < length; block++)
          table.set([first + block, group], 2 * (offset / blockSize + block))
      }
      return table
    }
    return layout.pageLengths.map((length, page) => {
      const words = Math.max(2, (2 * length) / blockSize)
      const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST
      const buffer = backend.makeBuffer({ size: 4 * words, usage, label: 'weights that learn' })
      backend.fill(buffer, 0, () => tableOf(page, words))
      return buffer
    })
  }
}

function isSameGroup(a: Learner, b: Learner): boolean {
  return (
    a.spec.kind === b.spec.kind &&
    a.learningRateMultiplier === b.learningRateMultiplier &&
    a.tower === b.tower &&
    a.weightDecay === b.weightDecay
  )
}

/** The part of a store's page that holds what belongs to flat weights: they come first. */
function beginningOf({ pages }: TensorStore, page: number, flat: Layout): BufferRange {
  return { ...pages[page]!, size: Math.max(4 * flat.pageLengths[page]!, 4) }
}

/** One learner for each set of numbers. */
function groupsOf(learners: readonly Learner[]): Learner[] {
  const groups: Learner[] = []
  for (const learner of learners) {
    if (!groups.some((group) => isSameGroup(group, learner))) groups.push(learner)
  }
  return groups
}
