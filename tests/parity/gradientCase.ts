import * as tf from '../../src/engine/backend/tfjs.ts'
import type { GoldenCase } from './goldenCase.ts'
import { asTensor, toDevice } from './goldenTensor.ts'
import { asNumbers, asRecord, isRecord } from './json.ts'
import { Ledger } from './ledger.ts'
import { Unsupported } from './unsupported.ts'

/** Tensors of a case by the file's names; those with an expected gradient are differentiated. */
export interface CaseInputs {
  has(name: string): boolean
  get(name: string): tf.Tensor
}

/**
 * Computes the case's inputs through `run` and compares the gradients with `grads`, a record of expected tensors; the
 * tolerance is `grad_abs`. Inputs that `run` does not ask for make the case unsupported.
 *
 * @param cotangent what the gradients start from; ones by default
 * @returns the value
 */
export async function differentiate(
  golden: GoldenCase,
  run: (inputs: CaseInputs) => tf.Tensor,
  options: { cotangent?: string; grads?: string } = {},
): Promise<Float32Array> {
  const { inputs, expected } = golden
  const field = options.grads ?? 'grads'
  const grads = new Ledger(asRecord(expected.take(field), `expected.${field}`), `expected.${field}`)
  const tensors = new Map(
    inputs.names.map((name) => [name, toDevice(asTensor(inputs.peek(name), inputs.where(name)))]),
  )
  const differentiated = grads.names.map((name) => tensors.get(name) ?? missing(name))
  const cotangent = options.cotangent === undefined ? undefined : tensors.get(options.cotangent)
  const withVariables = (...variables: tf.Tensor[]) => {
    const byName = new Map([...tensors, ...grads.names.map((name, i) => [name, variables[i]!] as const)])
    const value = run({
      has: (name) => byName.has(name),
      get(name) {
        inputs.take(name)
        return byName.get(name)!
      },
    })
    // An input that the loss does not reach has a gradient of zeros, which tfjs refuses to make.
    return grads.names.reduce(
      (sum, name, i) => (isZero(grads, name) ? tf.add(sum, tf.mul(tf.sum(variables[i]!), 0)) : sum),
      value,
    )
  }
  try {
    const computed = tf.tidy(() => {
      const { value, grads } = tf.valueAndGrads(withVariables)(differentiated, cotangent)
      return [value, ...grads]
    })
    const [value, ...gradients] = await Promise.all(computed.map((tensor) => tensor.data<'float32'>()))
    tf.dispose(computed)
    grads.names.forEach((name, i) => compareGradient(golden, { name, grads }, gradients[i]!))
    return value!
  } finally {
    tf.dispose([...tensors.values()])
  }
}

function compareGradient(
  golden: GoldenCase,
  { name, grads }: { name: string; grads: Ledger },
  actual: ArrayLike<number>,
): void {
  const { shape, values } = asTensor(grads.take(name), grads.where(name))
  const rowSize = values.length / (shape[0] ?? 1)
  const ignored = ignoredRows(golden, name)
  golden.comparison.closeAt(`gradient of ${name}`, actual, values, {
    tolerance: { abs: golden.tolerance('grad_abs', name), rel: 0 },
    isCompared: (index) => !ignored.has(Math.floor(index / rowSize)),
  })
}

/** `grad_ignore_rows`: rows whose gradient is singular in the reference. Stated in the case or in its expected values. */
function ignoredRows({ fields, expected }: GoldenCase, name: string): ReadonlySet<number> {
  const stated = fields.takeIfThere('grad_ignore_rows') ?? expected.takeIfThere('grad_ignore_rows')
  const rows = isRecord(stated) ? stated[name] : undefined
  return new Set(rows === undefined ? [] : asNumbers(rows, `grad_ignore_rows.${name}`))
}

function isZero(grads: Ledger, name: string): boolean {
  return asTensor(grads.peek(name), grads.where(name)).values.every((value) => value === 0)
}

function missing(name: string): never {
  throw new Unsupported(`expected.grads.${name} is of no input`)
}
