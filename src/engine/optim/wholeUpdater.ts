import { LabBackend } from '../backend/labBackend.ts'
import type { BufferRange } from '../backend/plannedBuffer.ts'
import {
  backend as currentBackend,
  engine,
  mul,
  reshape,
  scalar,
  slice,
  tidy,
  where,
  type Scalar,
  type Tensor,
  type Tensor1D,
  type Variable,
} from '../backend/tfjs.ts'
import { keepFinite } from '../kernels/flatUpdate/keepFinite.ts'
import { fusedBackend } from '../kernels/mode.ts'
import { tableBuffer, type WholePage, type WholeWeight } from '../kernels/wholePage.ts'
import type { ParameterSpec } from '../nn/parameter.ts'
import type { ConfigRecord } from '../ops/typedConfig.ts'
import type { TensorStore } from '../parameters/tensorStore.ts'
import type { UpdateMoment, WholePart, WholeRule } from './defineOptimizer.ts'
import { paramsOf, rateOf, type Learner } from './updaterLayout.ts'

export interface WholeUpdaterOptions {
  readonly part: WholePart<ConfigRecord>
  readonly params: ConfigRecord
  /** Those that the part takes. */
  readonly learners: readonly Learner[]
  readonly weights: TensorStore
  readonly slots: ReadonlyMap<string, TensorStore>
  /** On the GPU, where backward passes write. */
  readonly gradients: TensorStore | null
}

/**
 * The update of the weights that an optimizer takes as a whole: by its rule in few dispatches, or one after the other on
 * the CPU and where its kernel is switched off.
 */
export class WholeUpdater {
  readonly #options: WholeUpdaterOptions
  /** One learner for each set of numbers. */
  readonly #groups: readonly Learner[]
  /** Numbers of a group, with what fills them up to whole vectors of four. */
  readonly #stride: number
  readonly #rule: WholeRule
  /** null on the CPU. */
  readonly #backend: LabBackend | null
  readonly #pages: readonly WholePage[]
  /** One for each page on the GPU. */
  readonly #tables: readonly GPUBuffer[]

  constructor(options: WholeUpdaterOptions) {
    this.#options = options
    this.#rule = options.part.rule(options.params)
    const groups: Learner[] = []
    for (const learner of options.learners) {
      if (!groups.some((group) => isSameGroup(group, learner))) groups.push(learner)
    }
    this.#groups = groups
    const [first] = groups
    this.#stride = first ? Math.ceil(Object.keys(this.#numbersOf(first, start)).length / 4) * 4 : 0
    const current = currentBackend()
    const backend = current instanceof LabBackend ? current : null
    this.#backend = backend
    const { gradients } = options
    this.#pages = gradients !== null ? this.#pagesOf(gradients) : []
    this.#tables =
      backend !== null ? this.#pages.map((page) => tableBuffer(backend, this.#rule.table(page))) : []
  }

  /** float32 numbers that an update needs on the device. */
  get momentLength(): number {
    return this.#groups.length * this.#stride
  }

  numbers(moment: UpdateMoment): Float32Array {
    const all = new Float32Array(this.momentLength)
    this.#groups.forEach((group, i) => {
      all.set(Object.values(this.#numbersOf(group, moment)), i * this.#stride)
    })
    return all
  }

  /**
   * On the CPU.
   * @param moment.isSound bool [1]: else all stays as it is
   */
  applyOnHost(
    gradientOf: (name: string) => Tensor,
    clip: Tensor1D,
    moment: UpdateMoment & { readonly isSound: Tensor },
  ): void {
    for (const learner of this.#options.learners) {
      tidy(() => {
        const entries = Object.entries(this.#numbersOf(learner, moment))
        const numbers = Object.fromEntries(entries.map(([name, value]) => [name, scalar(value)]))
        const next = this.#after(learner.spec, { gradient: gradientOf(learner.spec.name), numbers, clip })
        for (const [variable, value] of next) variable.assign(where(moment.isSound, value, variable))
      })
    }
  }

  /** @param moment holds {@link numbers} from `offset` on, in float32 numbers */
  apply(
    backend: LabBackend,
    clip: Tensor1D,
    { moment, offset }: { moment: BufferRange; offset: number },
  ): void {
    const rule = this.#rule
    if (fusedBackend(rule.kernel) === null) {
      this.#applyByTwin(backend, clip, { moment, offset })
      return
    }
    const names = Object.keys(this.#numbersOf(this.#groups[0]!, start))
    const given = { moment, offset, stride: this.#stride, names, clip: backend.rangeOf(clip) }
    this.#pages.forEach((page, i) => rule.update(backend, { page, table: this.#tables[i]!, moment: given }))
  }

  dispose(): void {
    this.#tables.forEach((table) => this.#backend!.freeBuffer(table))
  }

  /** Where everything lies, for each page that has such weights. */
  #pagesOf(gradients: TensorStore): WholePage[] {
    const { learners, weights, slots } = this.#options
    const pages = new Map<number, WholeWeight[]>()
    for (const learner of learners) {
      const { name, shape } = learner.spec
      const { page, offset } = weights.layout.places.get(name)!
      const own = [...slots].flatMap(([slot, { layout }]) => {
        const place = layout.places.get(name)
        return place === undefined ? [] : [[slot, place.offset] as const]
      })
      const weight = {
        shape,
        group: this.#groupOf(learner),
        parameter: offset,
        gradient: gradients.layout.places.get(name)!.offset,
        slots: Object.fromEntries(own),
      }
      pages.set(page, [...(pages.get(page) ?? []), weight])
    }
    return [...pages].map(([page, members]) => ({
      weights: members,
      parameters: weights.pages[page]!,
      gradients: gradients.pages[page]!,
      slots: Object.fromEntries(
        [...slots].flatMap(([slot, store]) => {
          const range = store.pages[page]
          return range === undefined ? [] : [[slot, range]]
        }),
      ),
    }))
  }

  #groupOf(learner: Learner): number {
    return this.#groups.findIndex((group) => isSameGroup(group, learner))
  }

  #applyByTwin(
    backend: LabBackend,
    clip: Tensor1D,
    { moment, offset }: { moment: BufferRange; offset: number },
  ): void {
    const { variables } = this.#options.gradients!
    const view = backend.viewOf(moment, [moment.size / 4], 'float32')
    tidy(() => {
      const all = engine().makeTensorFromTensorInfo(view) as Tensor1D
      const ofGroups = this.#groups.map((group, i) => {
        const names = Object.keys(this.#numbersOf(group, start))
        const at = (n: number): Scalar => reshape(slice(all, offset + i * this.#stride + n, 1), [])
        return Object.fromEntries(names.map((name, n) => [name, at(n)]))
      })
      for (const learner of this.#options.learners) {
        const numbers = ofGroups[this.#groupOf(learner)]!
        tidy(() => {
          const gradient = variables.get(learner.spec.name)!
          const next = this.#after(learner.spec, { gradient, numbers, clip })
          for (const [variable, value] of next) keepFinite(backend, variable, value, clip)
        })
      }
    })
  }

  #numbersOf(learner: Learner, given: UpdateMoment) {
    const { part, params } = this.#options
    const moment = { step: given.step, learningRate: rateOf(learner, given) }
    return part.numbers(paramsOf(params, learner), moment, learner.spec)
  }

  /** Weight and slots, with what each is to hold. */
  #after(
    spec: ParameterSpec,
    given: { gradient: Tensor; numbers: Readonly<Record<string, Scalar>>; clip: Tensor1D },
  ): [Variable, Tensor][] {
    const { part, params, weights, slots } = this.#options
    const parameter = weights.variables.get(spec.name)!
    const own = Object.fromEntries(
      [...slots].flatMap(([slot, { variables }]) => {
        const variable = variables.get(spec.name)
        return variable === undefined ? [] : [[slot, variable]]
      }),
    )
    const gradient: Tensor = mul(given.gradient, reshape(slice(given.clip, 0, 1), []))
    const next = part.update(params, { spec, parameter, gradient, slots: own, numbers: given.numbers })
    return [
      [parameter, next.parameter],
      ...Object.entries(own).map(([slot, variable]): [Variable, Tensor] => [variable, next.slots[slot]!]),
    ]
  }
}

/** For the names of numbers, which are the same at every update. */
const start: UpdateMoment = { learningRate: 0, step: 1 }

function isSameGroup(a: Learner, b: Learner): boolean {
  return (
    a.spec.kind === b.spec.kind &&
    a.learningRateMultiplier === b.learningRateMultiplier &&
    a.tower === b.tower &&
    a.weightDecay === b.weightDecay &&
    a.spec.shape.join() === b.spec.shape.join()
  )
}
