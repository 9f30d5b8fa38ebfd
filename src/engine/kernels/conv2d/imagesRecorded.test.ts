import { describe, expect, it } from 'vitest'
import { gpuForTests } from '../../../../tests/helpers/gpu.ts'
import { normals, sameBits } from '../../../../tests/helpers/kernels.ts'
import { Generator } from '../../../core/rng.ts'
import { createDevice } from '../../backend/createDevice.ts'
import { LabBackend } from '../../backend/labBackend.ts'
import * as tf from '../../backend/tfjs.ts'
import { createDeviceFunction } from '../../graph/deviceFunction.ts'
import { Workspace } from '../../graph/workspace.ts'
import { dropPath } from '../dropout/dropPath.ts'
import type { DropoutOptions } from '../dropout/dropout.ts'
import { patchEmbedding } from '../patchEmbedding/patchEmbedding.ts'
import { meanTokens } from '../tokenPooling/meanTokens.ts'
import { tokenSequence } from '../tokenSequence/tokenSequence.ts'
import { conv2d, plainConv } from './conv2d.ts'

const gpu = await gpuForTests()

type Network = (weights: readonly tf.Tensor[], images: tf.Tensor4D, dropout: DropoutOptions) => tf.Tensor
const [batchSize, side, channels] = [3, 8, 2]
const pixels = batchSize * side * side * channels

/** Networks with the shapes of their weights. */
const networks: Record<string, { shapes: number[][]; run: Network }> = {
  convolutions: {
    shapes: [[3, 3, channels, 5], [5], [2, 2, 5, 4], [3, 3, 1, 4]],
    run([first, bias, second, third], images) {
      const same = { ...plainConv, padding: 'same', activation: 'relu' } as const
      const x = conv2d(images, first as tf.Tensor4D, bias as tf.Tensor1D, same)
      const y = conv2d(x, second as tf.Tensor4D, null, { ...plainConv, stride: [2, 2] })
      return conv2d(y, third as tf.Tensor4D, null, { ...plainConv, groups: 4, padding: 'same' })
    },
  },
  patches: {
    shapes: [[16 * channels, 6], [6], [2, 6], [5, 6]],
    run([weight, bias, prefix, positions], images, dropout) {
      const x = patchEmbedding(images, weight as tf.Tensor2D, bias as tf.Tensor1D, 4)
      const sequence = { x, batchSize, prefix: prefix as tf.Tensor2D, positions: positions as tf.Tensor2D }
      const tokens = tokenSequence(sequence)
      const deep = dropPath({ x: tf.square(tokens), residual: tokens, batchSize }, dropout)
      return meanTokens(deep, batchSize, null)
    },
  },
}

interface Place {
  backend: LabBackend
  workspace: Workspace
  isEager: boolean
}

/** Images to value and gradients, end to end. */
function open({ shapes, run }: (typeof networks)[string], { backend, workspace, isEager }: Place) {
  const key = new Generator(3, 'images').key
  const weights = shapes.map((shape, i) =>
    tf.tensor(
      normals(
        shape.reduce((a, b) => a * b),
        `weight ${i}`,
      ),
      shape,
    ),
  )
  for (const weight of weights) backend.rangeOf(weight) // uploads it
  return createDeviceFunction<'images' | 'counter'>({
    feeds: { images: { dtype: 'float32', length: pixels }, counter: { dtype: 'int32', length: 2 } },
    workspace,
    isEager,
    run(inputs, host) {
      const images: tf.Tensor4D = tf.reshape(inputs.tensor('images'), [batchSize, side, side, channels])
      const dropout = { rate: 0.4, key, step: host, counter: inputs.tensor('counter') }
      const { value, grads } = tf.valueAndGrads((x: tf.Tensor, ...own: tf.Tensor[]) =>
        tf.sum(tf.square(run(own, x as tf.Tensor4D, dropout))),
      )([images, ...weights])
      return tf.concat([value, ...grads].map((tensor) => tf.reshape(tensor, [-1])))
    },
  })
}

describe.skipIf(gpu === null)(
  gpu === null ? 'recorded images: skipped, there is no WebGPU adapter' : 'recorded images',
  () => {
    it.each(Object.entries(networks))(
      'replay bit for bit what is computed one by one: %s',
      async (_name, network) => {
        const device = await createDevice({ backend: 'webgpu', gpu })
        const backend = tf.backend()
        if (!(backend instanceof LabBackend)) throw new TypeError('the device has no dispatcher')
        const workspace = new Workspace(backend)
        const [eager, recorded] = [true, false].map((isEager) =>
          open(network, { backend, workspace, isEager }),
        )
        const seen: Float32Array[] = []
        for (let step = 0; step < 4; step++) {
          const fed = { images: normals(pixels, `step ${step}`), counter: Int32Array.of(step, 0) }
          const expected = await eager!.call(fed, step).read()
          const got = await recorded!.call(fed, step).read()
          expect(sameBits(got, expected), `step ${step}`).toBe(true)
          expect(got.every(Number.isFinite)).toBe(true)
          seen.push(got)
        }
        expect(sameBits(seen[0]!, seen[1]!)).toBe(false)
        expect(recorded!.refusal).toBeNull()
        for (const f of [eager, recorded]) f!.dispose()
        workspace.dispose()
        device.throwIfFailed()
        device.dispose()
      },
      240_000,
    )
  },
)
