import * as tf from '../../src/engine/backend/tfjs.ts'
import type { KindContext } from './defineKind.ts'
import type { GoldenCase } from './goldenCase.ts'
import { asTensor } from './goldenTensor.ts'
import { differentiate, type CaseInputs } from './gradientCase.ts'
import { asNumber } from './json.ts'

export type { CaseInputs as LayerInputs }

/**
 * Output, loss = sum(output * cotangent) and its gradients: the kinds of the folder `layers`. Inputs that `layer` does
 * not ask for make the case unsupported.
 */
export async function checkLayer(
  golden: GoldenCase,
  context: KindContext,
  layer: (inputs: CaseInputs) => tf.Tensor,
): Promise<void> {
  await context.device()
  const { expected } = golden
  const output = asTensor(expected.take('output'), expected.where('output'))
  const cotangent = golden.input('cotangent')
  const run = (inputs: CaseInputs) => tf.reshape(layer(inputs), [...output.shape])
  const value = await differentiate(golden, run, { cotangent: 'cotangent' })
  compareOutput(golden, value, { output: output.values, cotangent: cotangent.values })
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
