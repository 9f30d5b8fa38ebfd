import type { LabBackend } from '../backend/labBackend.ts'
import { concat, reshape, slice, tensor1d, tidy, zeros, type Tensor, type Tensor1D } from '../backend/tfjs.ts'
import { tableBuffer, type WholeMoment, type WholePage } from './wholePage.ts'

/** Weights with all that one update of them needs: what self-tests and tests of such kernels begin with. */
export interface WholeCase {
  readonly weights: readonly {
    readonly parameter: Tensor
    /** Not yet clipped. */
    readonly gradient: Tensor
    readonly slots: Readonly<Record<string, Tensor>>
  }[]
  /** Of all weights. */
  readonly numbers: Readonly<Record<string, number>>
  /** Factor on every gradient, norm of all gradients. */
  readonly clip: readonly [number, number]
}

interface Rule {
  table(page: WholePage): Uint32Array<ArrayBuffer>
  update(given: { page: WholePage; table: GPUBuffer; moment: WholeMoment }): void
}

/**
 * One update by a rule over flat buffers that are made for it. Call within `tidy`.
 * @returns for each weight the parameter, then its slots, afterwards
 */
export function updateWhole(
  backend: LabBackend,
  { weights, numbers, clip }: WholeCase,
  rule: Rule,
): Tensor[] {
  const parameters = flat(weights.map(({ parameter }) => parameter))
  const gradients = flat(weights.map(({ gradient }) => gradient))
  const names = [...new Set(weights.flatMap(({ slots }) => Object.keys(slots)))]
  const slots = new Map(
    names.map((name) => [name, flat(weights.flatMap(({ slots: own }) => own[name] ?? []))]),
  )
  const placeOf = (name: string, index: number): number => {
    const before = weights.slice(0, index).filter(({ slots: own }) => own[name] !== undefined)
    return slots.get(name)!.offsets[before.length]!
  }
  const page: WholePage = {
    weights: weights.map(({ parameter, slots: own }, i) => ({
      shape: parameter.shape,
      group: 1,
      parameter: parameters.offsets[i]!,
      gradient: gradients.offsets[i]!,
      slots: Object.fromEntries(Object.keys(own).map((name) => [name, placeOf(name, i)])),
    })),
    parameters: backend.rangeOf(parameters.all),
    gradients: backend.rangeOf(gradients.all),
    slots: Object.fromEntries([...slots].map(([name, { all }]) => [name, backend.rangeOf(all)])),
  }
  const values = Object.values(numbers)
  const stride = Math.ceil(values.length / 4) * 4
  // Something of others before, and another group.
  const data = new Float32Array(4 + 2 * stride)
  data.set(values, 4 + stride)
  const usage = GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST
  const buffer = backend.makeBuffer({ size: data.byteLength, usage, label: 'moment' })
  backend.device.queue.writeBuffer(buffer, 0, data)
  const table = tableBuffer(backend, rule.table(page))
  const moment = { buffer, offset: 0, size: data.byteLength }
  const place = { offset: 4, stride, names: Object.keys(numbers), clip: backend.rangeOf(tensor1d([...clip])) }
  rule.update({ page, table, moment: { moment, ...place } })
  backend.flush()
  for (const each of [buffer, table]) backend.freeBuffer(each)
  return weights.flatMap(({ parameter, slots: own }, i) => [
    part(parameters.all, parameters.offsets[i]!, parameter.shape),
    ...Object.entries(own).map(([name, { shape }]) => part(slots.get(name)!.all, placeOf(name, i), shape)),
  ])
}

/** One after the other, behind three zeros. */
function flat(tensors: readonly Tensor[]): { all: Tensor1D; offsets: number[] } {
  let length = 3
  const offsets = tensors.map(({ size }) => {
    length += size
    return length - size
  })
  return tidy(() => ({
    all: concat([zeros([3]), ...tensors.map((each) => reshape(each, [each.size]))]) as Tensor1D,
    offsets,
  }))
}

function part(all: Tensor1D, offset: number, shape: readonly number[]): Tensor {
  const size = shape.reduce((product, length) => product * length, 1)
  return reshape(slice(all, offset, size), [...shape])
}
