import { describe, expect, it } from 'vitest'
import { createDevice } from '../../src/engine/backend/createDevice.ts'
import { LabBackend } from '../../src/engine/backend/labBackend.ts'
import * as tf from '../../src/engine/backend/tfjs.ts'
import { createDeviceFunction } from '../../src/engine/graph/deviceFunction.ts'
import { Workspace } from '../../src/engine/graph/workspace.ts'
import { gpuForTests } from '../helpers/gpu.ts'
import { expectClose } from '../helpers/kernels.ts'
import { layerGradients, layerTensors, type LayerCase } from '../helpers/layerCase.ts'
import { layerCases } from './layerCases.ts'

const numbers = { samples: [0, 1, 2] }
const named = layerCases
  .filter(({ isOnGpu }) => isOnGpu === true)
  .map((layerCase) => [`${layerCase.layer}, ${layerCase.options}`, layerCase] as const)
const gpu = await gpuForTests()

/** Output and gradients for two cotangents, side by side, on the current backend. */
async function computed(layerCase: LayerCase, isEager: boolean): Promise<Float32Array> {
  const backend = tf.backend()
  const workspace = backend instanceof LabBackend ? new Workspace(backend) : null
  const compute = createDeviceFunction({
    feeds: { factor: { dtype: 'float32', length: 1 } },
    workspace,
    isEager,
    run(inputs) {
      const tensors = layerTensors(layerCase, numbers)
      const factor = tf.reshape(inputs.tensor('factor'), [])
      const { value, grads } = layerGradients(layerCase, tensors, numbers, factor)
      return tf.concat1d([value, ...grads].map((x): tf.Tensor1D => tf.reshape(x, [-1])))
    },
  })
  const found: number[] = []
  for (const factor of [1, 2])
    found.push(...(await compute.call({ factor: Float32Array.of(factor) }, 0).read()))
  expect(compute.refusal).toBeNull()
  expect(compute.program === null).toBe(isEager)
  compute.dispose()
  workspace?.dispose()
  return Float32Array.from(found)
}

describe.skipIf(gpu === null)(
  gpu === null ? 'layers on WebGPU: skipped, there is no adapter' : 'layers on WebGPU',
  () => {
    it.each(named)('%s: gives what the CPU gives, and recorded the same bits', async (_name, layerCase) => {
      const cpu = await createDevice({ backend: 'cpu', gpu: null })
      const expected = await computed(layerCase, true)
      cpu.dispose()
      const device = await createDevice({ backend: 'webgpu', gpu })
      const eager = await computed(layerCase, true)
      expectClose(eager, expected, { rtol: 2e-5, atol: 1e-5 })
      expect(await computed(layerCase, false)).toEqual(eager)
      device.throwIfFailed()
      device.dispose()
    })
  },
)
