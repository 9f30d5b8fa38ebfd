import { expect, it } from 'vitest'
import type { Scalar, Tensor, Tensor1D, Tensor2D } from '../../src/engine/backend/tfjs.ts'
import * as tf from '../../src/engine/backend/tfjs.ts'
import { l2Normalize } from '../../src/engine/kernels/l2Normalize/l2Normalize.ts'
import { similarityLoss, type SimilarityOptions } from '../../src/engine/kernels/similarity/similarityLoss.ts'
import { describeGoldens, type GoldenTensor, values } from '../helpers/goldens.ts'
import { describeOnDevices } from '../helpers/gpu.ts'

const plain: SimilarityOptions = {
  ids: 1000,
  excludesSelf: false,
  extraNegatives: 0,
  hasBatchNegatives: true,
  scale: 10,
  weight: 1,
}

interface Case {
  name: string
  params: { temperature?: number; logit_scale?: number; normalize?: boolean }
  inputs: Record<string, GoldenTensor>
  expected: { loss: number; grads: Record<string, GoldenTensor> }
  tolerance: { loss_abs: number; grad_abs: Record<string, number> }
  grad_ignore_rows?: Record<string, number[]>
}

type Loss = (inputs: Record<string, Tensor>, params: Case['params']) => Scalar

const unit = (x: Tensor | undefined): Tensor2D => l2Normalize(x as Tensor2D)

const symmetric: Loss = ({ image_features, text_features, log_logit_scale }, { normalize, logit_scale }) => {
  const of = (x: Tensor | undefined): Tensor2D => (normalize ? unit(x) : (x as Tensor2D))
  const [a, b] = [of(image_features), of(text_features)]
  const scale = log_logit_scale ? (tf.reshape(log_logit_scale, []) as Scalar) : logit_scale!
  const half = { ...plain, scale, weight: 0.5 }
  return tf.add(similarityLoss(a, b, half), similarityLoss(b, a, half))
}

const oneWay: Loss = ({ query, key, negatives }, { temperature }) => {
  const scale = 1 / temperature!
  if (!negatives) return similarityLoss(unit(query), unit(key), { ...plain, scale })
  const columns = tf.concat([unit(key), unit(negatives)]) as Tensor2D
  const extraNegatives = negatives.shape[0]!
  return similarityLoss(unit(query), columns, { ...plain, scale, extraNegatives, hasBatchNegatives: false })
}

const twoViews: Loss = ({ out0, out1 }, { temperature }) => {
  const z = unit(tf.concat([out0!, out1!]))
  return similarityLoss(z, z, { ...plain, ids: out0!.shape[0]!, excludesSelf: true, scale: 1 / temperature! })
}

const labelled: Loss = ({ embeddings, labels }, { temperature }) => {
  const z = unit(embeddings)
  const ids = { rows: labels as Tensor1D, columns: labels as Tensor1D }
  return similarityLoss(z, z, { ...plain, ids, excludesSelf: true, scale: 1 / temperature! })
}

const files: [string, Loss][] = [
  ['clip_symmetric', symmetric],
  ['infonce_one_way', oneWay],
  ['infonce_explicit_negatives', oneWay],
  ['ntxent', twoViews],
  ['supcon', labelled],
]

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
      // A shared bias leaves the loss as it is; what `all_same` should be is a convention.
      const own = cases.filter((at) => !['logit_bias', 'all_same'].includes(at.name))
      it.each(own)('$name', (at) => expectGolden(at, loss))
    })
})
