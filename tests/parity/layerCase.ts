import * as tf from '../../src/engine/backend/tfjs.ts'
import type { KindContext } from './defineKind.ts'
import type { GoldenCase } from './goldenCase.ts'
import { asTensor, toDevice } from './goldenTensor.ts'
import { asNumber, asNumbers, asRecord, isRecord } from './json.ts'
import { Ledger } from './ledger.ts'
import { Unsupported } from './unsupported.ts'

/** Tensors of a case by the file's names; those with an expected gradient are differentiated. */
export interface LayerInputs {
  has(name: string): boolean
  get(name: string): tf.Tensor
}

/**
 * Output, loss = sum(output * cotangent) and its gradients: the kinds of the folder `layers`. Inputs that `layer` does
 * not ask for make the case unsupported.
 */
export async function checkLayer(
  golden: GoldenCase,
  context: KindContext,
  layer: (inputs: LayerInputs) => tf.Tensor,
): Promise<void> {
  await context.device()
  const { inputs, expected } = golden
  const output = asTensor(expected.take('output'), expected.where('output'))
  const grads = new Ledger(asRecord(expected.take('grads'), 'expected.grads'), 'expected.grads')
  const cotangent = golden.input('cotangent')
  const tensors = new Map(
    inputs.names.map((name) => [name, toDevice(asTensor(inputs.peek(name), inputs.where(name)))]),
  )
  const differentiated = grads.names.map((name) => tensors.get(name) ?? missing(name))
  const run = (...variables: tf.Tensor[]) => {
    const byName = new Map([...tensors, ...grads.names.map((name, i) => [name, variables[i]!] as const)])
    const result = layer({
      has: (name) => byName.has(name),
      get(name) {
        inputs.take(name)
        return byName.get(name)!
      },
    })
    return tf.reshape(result, [...output.shape])
  }
  try {
    const computed = tf.tidy(() => {
      const { value, grads } = tf.valueAndGrads(run)(differentiated, tensors.get('cotangent'))
      return [value, ...grads]
    })
    const [value, ...gradients] = await Promise.all(computed.map((tensor) => tensor.data<'float32'>()))
    tf.dispose(computed)
    compareOutput(golden, value!, { output: output.values, cotangent: cotangent.values })
    grads.names.forEach((name, i) => compareGradient(golden, { name, grads }, gradients[i]!))
  } finally {
    tf.dispose([...tensors.values()])
  }
}

function missing(name: string): never {
  throw new Unsupported(`expected.grads.${name} is of no input`)
}

function compareOutput(
  golden: GoldenCase,
  actual: ArrayLike<number>,
  expected: { output: readonly number[]; cotangent: readonly number[] },
): void {
  const rel = golden.toleranceIfThere('output_rel') ?? 0
  golden.comparison.close('output', actual, expected.output, { abs: golden.tolerance('output_abs'), rel })
  if (!golden.expected.has('loss')) return
  const loss = expected.cotangent.reduce((sum, weight, i) => sum + weight * actual[i]!, 0)
  const wanted = asNumber(golden.expected.take('loss'), 'expected.loss')
  golden.comparison.number('loss', loss, wanted, { abs: golden.tolerance('loss_abs'), rel: 0 })
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
function ignoredRows({ record, expected }: GoldenCase, name: string): ReadonlySet<number> {
  const stated = record['grad_ignore_rows'] ?? expected.takeIfThere('grad_ignore_rows')
  const rows = isRecord(stated) ? stated[name] : undefined
  return new Set(rows === undefined ? [] : asNumbers(rows, `grad_ignore_rows.${name}`))
}
