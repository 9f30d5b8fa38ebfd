import { DataError } from '../../core/errors.ts'
import { elementCount, float32Tensor, type HostTensor, type NamedTensors } from '../../core/hostTensor.ts'
import { toFloat32 } from '../../core/toFloat32.ts'
import type { ParameterSpec } from '../nn/parameter.ts'
import type { PatchGrid } from '../nn/resizePositions.ts'

/** How one of our weights lies in a checkpoint of Hugging Face's. */
export interface HubWeight {
  /** Ours; null where only theirs has such a weight, which is all zeros then. */
  readonly name: string | null
  readonly shape: readonly number[]
  /** Theirs: one, or several that lie side by side along our last axis (queries | keys | values). */
  readonly hub: readonly HubTensor[]
  /**
   * `same`: the same numbers in the same order. `linear`: theirs is [out, in], ours [in, out]. `patches`: theirs is the
   * convolution [D, C, P, P], ours the product [P*P*C, D] of patches in row-major order, channels last.
   */
  readonly layout: 'same' | 'linear' | 'patches'
  /** The last rows are places of patches on this grid, which a file may have of another one; left out of all others. */
  readonly grid?: PatchGrid
}

export interface HubTensor {
  readonly name: string
  readonly shape: readonly number[]
}

/** A weight that has the same name and the same layout there. */
export function sameInHub({ name, shape }: ParameterSpec): HubWeight {
  return { name, shape, hub: [{ name, shape }], layout: 'same' }
}

/** A weight of the same layout under another name there. */
export function renamedInHub(name: string, shape: readonly number[], hubName: string): HubWeight {
  return { name, shape, hub: [{ name: hubName, shape }], layout: 'same' }
}

/** An offset that theirs always has, and a model of ours without it has not. */
export function absentInHub(hubName: string, shape: readonly number[]): HubWeight {
  return { name: null, shape, hub: [{ name: hubName, shape }], layout: 'same' }
}

/**
 * `<name>.weight` [from, to] and `<name>.bias` [to] of a layer that is a PyTorch `Linear` there, or several of equal width
 * side by side.
 */
export function layerInHub(
  name: string,
  [from, to]: readonly [from: number, to: number],
  hubNames: readonly string[],
): HubWeight[] {
  const width = to / hubNames.length
  const parts = (part: string, shape: readonly number[]): HubTensor[] =>
    hubNames.map((hubName) => ({ name: `${hubName}.${part}`, shape }))
  return [
    { name: `${name}.weight`, shape: [from, to], hub: parts('weight', [width, from]), layout: 'linear' },
    { name: `${name}.bias`, shape: [to], hub: parts('bias', [width]), layout: 'same' },
  ]
}

/**
 * A hub's tensors as ours, in float32 where they change places. What the table does not name comes through as it is.
 * @throws DataError `missing-tensors` where only some parts of a weight are there, `tensor-shape`
 */
export function fromHub(table: readonly HubWeight[], tensors: NamedTensors): NamedTensors {
  const rest = new Map(tensors)
  const found: NamedTensors = new Map()
  for (const { name, shape, hub, layout } of table) {
    const parts = hub.flatMap((part) => rest.get(part.name) ?? [])
    if (parts.length === 0) continue
    if (name === null) {
      // Others stay: nothing of ours can hold them.
      if (parts.every((part) => toFloat32(part).every((x) => x === 0))) rest.delete(hub[0]!.name)
      continue
    }
    if (parts.length < hub.length) {
      const missing = hub.filter((part) => !rest.has(part.name)).map((part) => part.name)
      throw refusal('missing-tensors', `${name} is made of ${missing.join(', ')} too, got none`)
    }
    hub.forEach((part, i) => checkShape(part, parts[i]!))
    hub.forEach((part) => rest.delete(part.name))
    found.set(name, hasOurOrder(hub, layout) ? { ...parts[0]!, shape } : joined(shape, hub, layout, parts))
  }
  rest.forEach((tensor, name) => found.set(name, tensor))
  return found
}

/**
 * Our weights under the hub's names and in its layouts, float32. What the table does not name is left out.
 * @throws DataError `missing-tensors`
 */
export function toHub(table: readonly HubWeight[], weights: NamedTensors): NamedTensors {
  const found: NamedTensors = new Map()
  for (const { name, shape: own, hub, layout } of table) {
    const tensor = name === null ? zerosOf(own) : weights.get(name)
    if (tensor === undefined) throw refusal('missing-tensors', `the model must have ${name}, got none`)
    const ours = toFloat32(tensor)
    let before = 0
    for (const { name: theirName, shape } of hub) {
      const width = widthOf(shape, layout)
      const data = new Float32Array(elementCount(shape))
      eachPlace(shape, layout, (theirs, row, column) => {
        data[theirs] = ours[row * tensor.shape.at(-1)! + before + column]!
      })
      found.set(theirName, float32Tensor(shape, data))
      before += width
    }
  }
  return found
}

function zerosOf(shape: readonly number[]): HostTensor {
  return float32Tensor(shape, new Float32Array(elementCount(shape)))
}

function refusal(code: string, message: string): DataError {
  return new DataError(`Checkpoint: ${message}`, {
    code,
    remedy: 'Choose the settings of the model that the file is of.',
  })
}

function checkShape({ name, shape }: HubTensor, tensor: HostTensor): void {
  if (tensor.shape.join() === shape.join() && tensor.data.length === elementCount(shape)) return
  throw refusal('tensor-shape', `${name} must be [${shape.join(', ')}], got [${tensor.shape.join(', ')}]`)
}

function hasOurOrder(hub: HubWeight['hub'], layout: HubWeight['layout']): boolean {
  return layout === 'same' && hub.length === 1
}

function joined(
  shape: readonly number[],
  hub: HubWeight['hub'],
  layout: HubWeight['layout'],
  parts: readonly HostTensor[],
): HostTensor {
  const data = new Float32Array(elementCount(shape))
  let before = 0
  hub.forEach((part, i) => {
    const theirs = toFloat32(parts[i]!)
    eachPlace(part.shape, layout, (place, row, column) => {
      data[row * shape.at(-1)! + before + column] = theirs[place]!
    })
    before += widthOf(part.shape, layout)
  })
  return float32Tensor(shape, data)
}

/** How much of our last axis a part takes. */
function widthOf(shape: readonly number[], layout: HubWeight['layout']): number {
  return layout === 'same' ? shape.at(-1)! : shape[0]!
}

/** Every number of theirs by its place, with its row and column in ours. */
function eachPlace(
  shape: readonly number[],
  layout: HubWeight['layout'],
  visit: (place: number, row: number, column: number) => void,
): void {
  const width = widthOf(shape, layout)
  const rows = elementCount(shape) / width
  if (layout === 'same') {
    for (let place = 0; place < rows * width; place++) visit(place, Math.floor(place / width), place % width)
    return
  }
  // A linear layer is a patch of one pixel.
  const [channels, area] = layout === 'linear' ? [rows, 1] : [shape[1]!, shape[2]! * shape[3]!]
  for (let column = 0; column < width; column++)
    for (let channel = 0; channel < channels; channel++)
      for (let pixel = 0; pixel < area; pixel++)
        visit((column * channels + channel) * area + pixel, pixel * channels + channel, column)
}
