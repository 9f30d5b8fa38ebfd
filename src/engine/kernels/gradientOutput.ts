import type { LabBackend } from '../backend/labBackend.ts'
import type { BufferRange } from '../backend/plannedBuffer.ts'
import type { Tensor } from '../backend/tfjs.ts'
import { engine } from '../backend/tfjs.ts'
import { newTensor } from './wgsl.ts'

/** Places of gradients by the data of their weights, each to be given away once in a backward pass. */
export type GradientPlaces = Map<object, BufferRange>

let open: GradientPlaces | null = null

/** Gives kernels that run within `run` these places for the gradients of weights, and no others. */
export function withGradientPlaces<T>(places: GradientPlaces, run: () => T): T {
  const outer = open
  open = new Map(places)
  try {
    return run()
  } finally {
    open = outer
  }
}

/**
 * The tensor into which a kernel writes the gradient of `weight`, in full: the weight's own place among the flat
 * gradients of a training session where it has one that nothing has written yet, else a new tensor, which the tape adds
 * up with the others.
 */
export function gradientOutput<T extends Tensor>(backend: LabBackend, weight: T): T {
  const place = open?.get(weight.dataId)
  if (place === undefined) return newTensor(backend, weight.shape) as unknown as T
  open!.delete(weight.dataId)
  return engine().makeTensorFromTensorInfo(backend.viewOf(place, weight.shape, 'float32')) as T
}
