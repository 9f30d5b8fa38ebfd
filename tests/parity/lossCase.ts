import * as tf from '../../src/engine/backend/tfjs.ts'
import type { LossResult } from '../../src/engine/losses/defineLoss.ts'
import type { KindContext } from './defineKind.ts'
import type { GoldenCase } from './goldenCase.ts'
import { asTensor, isTensor } from './goldenTensor.ts'
import { differentiate, type CaseInputs } from './gradientCase.ts'
import { asNumber, asNumbers } from './json.ts'

/** What a case's loss gives: the loss that its gradients are of, and more that the file may expect, by its names there. */
export interface LossOutcome {
  readonly loss: LossResult['loss']
  /** Tensors, numbers or lists in `expected`, held to the tolerance of the loss. */
  readonly others?: Readonly<Record<string, tf.Tensor>>
}

/**
 * Loss and gradients: the kinds of the folder `losses`. Inputs that `compute` does not ask for, and expected values
 * that are not among its outcome, make the case unsupported.
 */
export async function checkLoss(
  golden: GoldenCase,
  context: KindContext,
  compute: (inputs: CaseInputs) => LossOutcome,
): Promise<void> {
  await context.device()
  const { expected } = golden
  const tolerance = { abs: golden.tolerance('loss_abs'), rel: 0 }
  const kept = new Map<string, tf.Tensor>()
  const run = (inputs: CaseInputs): tf.Tensor => {
    const { loss, others = {} } = compute(inputs)
    for (const [name, tensor] of Object.entries(others)) {
      if (expected.has(name) && !kept.has(name)) kept.set(name, tf.keep(tf.clone(tensor)))
    }
    return loss
  }
  try {
    const [loss] = await differentiate(golden, run)
    golden.comparison.number('loss', loss!, asNumber(expected.take('loss'), 'expected.loss'), tolerance)
    for (const [name, tensor] of kept) {
      const wanted = expected.take(name)
      const where = expected.where(name)
      const values = isTensor(wanted)
        ? asTensor(wanted, where).values
        : Array.isArray(wanted)
          ? asNumbers(wanted, where)
          : [asNumber(wanted, where)]
      golden.comparison.close(name, await tensor.data<'float32'>(), values, tolerance)
    }
  } finally {
    tf.dispose([...kept.values()])
  }
}
