import { expect, it } from 'vitest'
import type { Scalar, Tensor, Tensor1D, Tensor2D } from '../../src/engine/backend/tfjs.ts'
import * as tf from '../../src/engine/backend/tfjs.ts'
import { l2Normalize } from '../../src/engine/kernels/l2Normalize/l2Normalize.ts'
import { sigmoidSimilarityLoss } from '../../src/engine/kernels/similarity/sigmoidSimilarityLoss.ts'
import {
  oneToOne,
  similarityLoss,
  type SimilarityOptions,
} from '../../src/engine/kernels/similarity/similarityLoss.ts'
import { describeGoldens, type GoldenTensor, values } from '../helpers/goldens.ts'
import { describeOnDevices } from '../helpers/gpu.ts'

interface Case {
  name: string
  params: {
    temperature?: number
    logit_scale?: number
    normalize?: boolean
    sigma?: number
    steps?: number
  }
  inputs: Record<string, GoldenTensor>
  expected: { loss: number; grads: Record<string, GoldenTensor> }
  tolerance: { loss_abs: number; grad_abs: Record<string, number> }
  grad_ignore_rows?: Record<string, number[]>
}

type Loss = (inputs: Record<string, Tensor>, params: Case['params']) => Scalar

const unit = (x: Tensor | undefined): Tensor2D => l2Normalize(x as Tensor2D)

const scalar = (x: Tensor | undefined): Scalar => tf.reshape(x!, []) as Scalar

const symmetric: Loss = ({ image_features, text_features, log_logit_scale }, { normalize, logit_scale }) => {
  const of = (x: Tensor | undefined): Tensor2D => (normalize ? unit(x) : (x as Tensor2D))
  const [a, b] = [of(image_features), of(text_features)]
  const scale = log_logit_scale ? scalar(log_logit_scale) : logit_scale!
  return similarityLoss(a, b, { ...oneToOne, scale, directions: 'both' })
}

const oneWay: Loss = ({ query, key, negatives }, { temperature }) => {
  const scale = 1 / temperature!
  if (!negatives) return similarityLoss(unit(query), unit(key), { ...oneToOne, scale })
  const columns = tf.concat([unit(key), unit(negatives)]) as Tensor2D
  const extraNegatives = negatives.shape[0]!
  return similarityLoss(unit(query), columns, {
    ...oneToOne,
    scale,
    extraNegatives,
    hasBatchNegatives: false,
  })
}

const sigmoid: Loss = ({ image_features, text_features, log_logit_scale, logit_bias }) =>
  sigmoidSimilarityLoss(unit(image_features), unit(text_features), {
    ...oneToOne,
    scale: scalar(log_logit_scale),
    bias: scalar(logit_bias),
  })

/** Rows of both views, against themselves. */
const twoViews =
  (denominator: 'all' | 'none'): Loss =>
  ({ out0, out1 }, { temperature, sigma }) => {
    const [first, second] = [unit(out0), unit(out1)]
    const ids = first.shape[0]
    const alike: Tensor1D = tf.sum(tf.mul(first, second), 1)
    const weights: Tensor1D | null = sigma ? tf.sub(2, tf.mul(tf.softmax(tf.div(alike, sigma)), ids)) : null
    const z = unit(tf.concat([out0!, out1!]))
    return similarityLoss(z, z, {
      ...oneToOne,
      ids,
      excludesSelf: true,
      denominator,
      scale: 1 / temperature!,
      positiveWeights: weights && tf.concat1d([weights, weights]),
    })
  }

const labelled =
  (options: Partial<SimilarityOptions>): Loss =>
  ({ embeddings, labels }, { temperature }) => {
    const z = unit(embeddings)
    const ids = { rows: labels as Tensor1D, columns: labels as Tensor1D }
    const scale = 1 / temperature!
    return similarityLoss(z, z, { ...oneToOne, ids, excludesSelf: true, scale, ...options })
  }

/** Each step with the queue as the steps before left it; a batch that does not fit is cut off, as in the reference. */
const queue: Loss = (inputs, { temperature, steps }) => {
  const length = inputs['queue']!.shape[0]!
  let kept = inputs['queue'] as Tensor2D
  let at = 0
  const losses = Array.from({ length: steps! }, (_, step) => {
    const keys = unit(inputs[`key[${step}]`])
    const loss = similarityLoss(unit(inputs[`query[${step}]`]), tf.concat([keys, kept]), {
      ...oneToOne,
      scale: 1 / temperature!,
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

const files: [string, Loss][] = [
  ['clip_symmetric', symmetric],
  ['infonce_one_way', oneWay],
  ['infonce_explicit_negatives', oneWay],
  ['siglip', sigmoid],
  ['ntxent', twoViews('all')],
  ['dcl', twoViews('none')],
  ['dclw', twoViews('none')],
  ['ntxent_labels', labelled({ denominator: 'own', mean: 'pairs' })],
  ['supcon', labelled({})],
  ['moco_queue', queue],
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
