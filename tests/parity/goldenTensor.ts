import { elementCount } from '../../src/core/hostTensor.ts'
import * as tf from '../../src/engine/backend/tfjs.ts'
import { asList, asNumbers, asRecord, asText, isRecord, malformed, type Json } from './json.ts'

/** `{dtype, shape, data}` of a golden file, row-major. */
export interface GoldenTensor {
  readonly dtype: 'float32' | 'float64' | 'int32'
  readonly shape: readonly number[]
  readonly values: readonly number[]
}

export function isTensor(value: Json | undefined): boolean {
  return isRecord(value) && 'dtype' in value && 'shape' in value && 'data' in value
}

/** Throws `malformed-golden`, also where shape and data do not fit. */
export function asTensor(value: Json | undefined, where: string): GoldenTensor {
  const record = asRecord(value, where)
  const dtype = asText(record['dtype'], `${where}.dtype`)
  if (dtype !== 'float32' && dtype !== 'float64' && dtype !== 'int32') {
    throw malformed(`${where}.dtype`, 'float32, float64 or int32', dtype)
  }
  const shape = asNumbers(record['shape'], `${where}.shape`)
  if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0)) {
    throw malformed(`${where}.shape`, 'whole numbers from 0', shape)
  }
  const length = asList(record['data'], `${where}.data`).length
  if (length !== elementCount(shape))
    throw malformed(`${where}.data`, `${elementCount(shape)} numbers`, length)
  return { dtype, shape, values: asNumbers(record['data'], `${where}.data`) }
}

/** The same on the current backend: int32 stays, everything else becomes float32. */
export function toDevice({ dtype, shape, values }: GoldenTensor): tf.Tensor {
  if (dtype === 'int32') return tf.tensor(Int32Array.from(values), [...shape], 'int32')
  return tf.tensor(Float32Array.from(values), [...shape], 'float32')
}
