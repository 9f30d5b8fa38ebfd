import { describe, expect, it } from 'vitest'
import { gpuForTests } from '../../../../tests/helpers/gpu.ts'
import { normals, sameBits } from '../../../../tests/helpers/kernels.ts'
import { Generator } from '../../../core/rng.ts'
import { createDevice } from '../../backend/createDevice.ts'
import { LabBackend } from '../../backend/labBackend.ts'
import * as tf from '../../backend/tfjs.ts'
import { createDeviceFunction } from '../../graph/deviceFunction.ts'
import { Workspace } from '../../graph/workspace.ts'
import { attention, type AttentionOptions, plainAttention } from './attention.ts'

const gpu = await gpuForTests()

const [batchSize, numHeads, numKeyHeads, headDim, seqLen] = [2, 4, 2, 8, 12]
const width = (numHeads + 2 * numKeyHeads) * headDim
const size = batchSize * seqLen * width
const rotary = { base: 10000, rotaryDim: headDim, style: 'half-split', firstPosition: 0 } as const
const sizes = { ...plainAttention, batchSize, numHeads, numKeyHeads, isCausal: true }

interface Variant {
  options: AttentionOptions
  isMasked: boolean
}

const variants: Record<string, Variant> = {
  rotary: { options: { ...sizes, rotary }, isMasked: false },
  'a window and ALiBi': { options: { ...sizes, windowSize: 5, hasAlibi: true }, isMasked: false },
  'a key mask that changes': { options: { ...sizes, isCausal: false, rotary }, isMasked: true },
}

/** Packed rows, a key mask and a step to value and gradient, side by side. */
function open({ options, isMasked }: Variant, workspace: Workspace, isEager: boolean) {
  const key = new Generator(3, 'attention').key
  return createDeviceFunction<'qkv' | 'mask' | 'counter'>({
    feeds: {
      qkv: { dtype: 'float32', length: size },
      mask: { dtype: 'int32', length: batchSize * seqLen },
      counter: { dtype: 'int32', length: 2 },
    },
    workspace,
    isEager,
    run(inputs, host) {
      const dropout = { rate: 0.2, key, step: host, counter: inputs.tensor('counter') }
      const keyMask: tf.Tensor2D | null = isMasked
        ? tf.reshape(inputs.tensor('mask'), [batchSize, seqLen])
        : null
      const rows: tf.Tensor2D = tf.reshape(inputs.tensor('qkv'), [batchSize * seqLen, width])
      const run = tf.valueAndGrad((qkv: tf.Tensor2D) => {
        const y = attention({ qkv }, { ...options, keyMask, dropout })
        return tf.sum(tf.square(y))
      })
      const { value, grad } = run(rows)
      return tf.concat([tf.reshape(value, [1]), tf.reshape(grad, [size])])
    },
  })
}

const valuesOf = (step: number) => ({
  qkv: normals(size, `step ${step}`),
  mask: Int32Array.from({ length: batchSize * seqLen }, (_, i) => ((i + step) % 5 === 0 ? 0 : 1)),
  counter: Int32Array.of(step, 0),
})

describe.skipIf(gpu === null)(
  gpu === null ? 'recorded attention: skipped, there is no WebGPU adapter' : 'recorded attention',
  () => {
    it.each(Object.entries(variants))(
      'replays bit for bit what is computed one by one, with dropout that draws anew at each step: %s',
      async (_name, variant) => {
        const device = await createDevice({ backend: 'webgpu', gpu })
        const backend = tf.backend()
        if (!(backend instanceof LabBackend)) throw new TypeError('the device has no dispatcher')
        const workspace = new Workspace(backend)
        const [eager, recorded] = [true, false].map((isEager) => open(variant, workspace, isEager))
        const seen: Float32Array[] = []
        for (let step = 0; step < 5; step++) {
          const expected = await eager!.call(valuesOf(step), step).read()
          const got = await recorded!.call(valuesOf(step), step).read()
          expect(sameBits(got, expected), `step ${step}`).toBe(true)
          seen.push(got)
        }
        // The numbers of step 0 with the draws of step 1 are others.
        const redrawn = await recorded!.call({ ...valuesOf(0), counter: Int32Array.of(1, 0) }, 1).read()
        expect(sameBits(redrawn, seen[0]!)).toBe(false)
        expect(recorded!.refusal).toBeNull()
        for (const f of [eager, recorded]) f!.dispose()
        workspace.dispose()
        device.throwIfFailed()
        device.dispose()
      },
    )

    it('tells operations of what a query sees', async () => {
      const device = await createDevice({ backend: 'webgpu', gpu })
      const backend = tf.backend()
      if (!(backend instanceof LabBackend)) throw new TypeError('the device has no dispatcher')
      const qkv = tf.tensor2d(normals(size, 'qkv'), [batchSize * seqLen, width])
      const flopsOf = (options: AttentionOptions): number[] => {
        const { commands } = backend.record(() => {
          tf.tidy(
            () =>
              void tf.grad((x) => attention({ qkv: tf.reshape(x, [batchSize * seqLen, width]) }, options))(
                qkv,
              ),
          )
        }, false)
        return commands.flatMap((command) =>
          command.kind === 'dispatch' && command.pipeline.label.startsWith('attention')
            ? [command.flops]
            : [],
        )
      }
      backend.rangeOf(qkv)
      const perPair = 2 * headDim * batchSize * numHeads
      const counted = (options: AttentionOptions): number => {
        let pairs = 0
        for (let i = 0; i < seqLen; i++) {
          for (let j = 0; j < seqLen; j++) {
            const isNear = options.windowSize === null || Math.abs(i - j) < options.windowSize
            if (isNear && (!options.isCausal || j <= i)) pairs++
          }
        }
        return pairs * perPair
      }
      for (const isCausal of [true, false]) {
        for (const windowSize of [null, 1, 5, 100]) {
          const options = { ...sizes, isCausal, windowSize }
          expect(flopsOf(options)).toEqual([2, 3, 4].map((products) => products * counted(options)))
        }
      }
      qkv.dispose()
      device.dispose()
    })
  },
)
