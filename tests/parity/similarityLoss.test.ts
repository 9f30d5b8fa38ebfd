import { expect, it } from 'vitest'
import type { Scalar, Tensor, Tensor2D } from '../../src/engine/backend/tfjs.ts'
import * as tf from '../../src/engine/backend/tfjs.ts'
import { l2Normalize } from '../../src/engine/kernels/l2Normalize/l2Normalize.ts'
import { oneToOne, similarityLoss } from '../../src/engine/kernels/similarity/similarityLoss.ts'
import { describeGoldens, type GoldenTensor, values } from '../helpers/goldens.ts'
import { describeOnDevices } from '../helpers/gpu.ts'

interface Case {
  name: string
  params: {
    temperature: number
    steps: number
  }
  inputs: Record<string, GoldenTensor>
  expected: { loss: number; grads: Record<string, GoldenTensor> }
  tolerance: { loss_abs: number; grad_abs: Record<string, number> }
  grad_ignore_rows?: Record<string, number[]>
}

type Loss = (inputs: Record<string, Tensor>, params: Case['params']) => Scalar

const unit = (x: Tensor | undefined): Tensor2D => l2Normalize(x as Tensor2D)

/** Each step with the queue as the steps before left it; a batch that does not fit is cut off, as in the reference. */
const queue: Loss = (inputs, { temperature, steps }) => {
  const length = inputs['queue']!.shape[0]!
  let kept = inputs['queue'] as Tensor2D
  let at = 0
  const losses = Array.from({ length: steps }, (_, step) => {
    const keys = unit(inputs[`key[${step}]`])
    const loss = similarityLoss(unit(inputs[`query[${step}]`]), tf.concat([keys, kept]), {
      ...oneToOne,
      scale: 1 / temperature,
      extraNegatives: length,
      hasBatchNegatives: false,
      areColumnsFixed: true,
    })
    const fitting = Math.min(keys.shape[0], length - at)
    const parts = [tf.slice(kept, 0, at), tf.slice(keys, 0, fitting), tf.slice(kept, at + fitting)]
    kept = tf.concat(parts.filter(({ shape }) => shape[0] > 0))
    at = at + keys.shape[0] >= length ? 0 : at + keys.shape[0]
    return loss
  })
  return tf.addN(losses)
}

const files: [string, Loss][] = [['moco_queue', queue]]

async function expectGolden(
  { params, inputs, expected, tolerance, ...rest }: Case,
  loss: Loss,
): Promise<void> {
  const names = Object.keys(expected.grads)
  const tensors = Object.fromEntries(
    Object.entries(inputs).map(([name, at]) => [
      name,
      tf.tensor(values(at), at.shape, at.dtype as 'float32'),
    ]),
  )
  const { value, grads } = tf.valueAndGrads((...args: Tensor[]) =>
    loss({ ...tensors, ...Object.fromEntries(names.map((name, k) => [name, args[k]!])) }, params),
  )(names.map((name) => tensors[name]!))
  expect(Math.abs((await value.data())[0]! - expected.loss)).toBeLessThanOrEqual(tolerance.loss_abs)
  for (const [k, name] of names.entries()) {
    const width = grads[k]!.shape[1] ?? 1
    const wanted = values(expected.grads[name]!)
    ;(await grads[k]!.data()).forEach((got, i) => {
      if (rest.grad_ignore_rows?.[name]?.includes(Math.floor(i / width))) return
      expect(Math.abs(got - wanted[i]!), `${name}[${i}]`).toBeLessThanOrEqual(tolerance.grad_abs[name]!)
    })
  }
}

await describeOnDevices('similarityLoss against other libraries', () => {
  for (const [name, loss] of files)
    describeGoldens<{ cases: Case[] }>(`losses/${name}.json`, ({ cases }) => {
      it.each(cases)('$name', (at) => expectGolden(at, loss))
    })
})
