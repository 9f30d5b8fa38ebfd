import * as tf from '../../../src/engine/backend/tfjs.ts'
import type { Batch } from '../../../src/engine/training/trainSession.ts'
import type { CreateContender } from '../contender.ts'
import { hyper } from '../hyper.ts'
import type { BenchModel, Workload } from '../models/benchModel.ts'

const backendName = 'webgpu'

/** tfjs as its documentation teaches it: plain operations, its own WebGPU backend with its own settings. */
export const createStockTfjs: CreateContender = async ({ model: benchModel, workload, gpu }) => {
  const backend = await createBackend(gpu)
  tf.registerBackend(backendName, () => backend, 0)
  const activate = async () => {
    tf.env().set('WEBGPU_CPU_FORWARD', true)
    tf.env().set('WEBGPU_MATMUL_PROGRAM_TYPE', -1)
    await tf.setBackend(backendName)
  }
  await activate()
  const model = createModel(benchModel, workload)
  return {
    id: 'tfjs',
    title: 'tfjs, stock operations',
    activate,
    step(index, batch) {
      const loss = model.step(index, batch)
      return {
        async loss() {
          const [value] = await loss.data<'float32'>()
          loss.dispose()
          return value!
        },
      }
    },
    async sync() {
      if (backend['commandEncoder'] !== null) backend.submitQueue()
      await backend.device.queue.onSubmittedWorkDone()
    },
    dispose() {
      model.dispose()
      tf.removeBackend(backendName)
      backend.device.destroy()
    },
  }
}

/** As tfjs's own factory in its base.ts, which only runs by itself in a browser. */
async function createBackend(gpu: GPU): Promise<tf.WebGPUBackend> {
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' })
  if (adapter === null) throw new Error('stock tfjs: there is no WebGPU adapter')
  const { limits } = adapter
  const device = await adapter.requestDevice({
    requiredFeatures: adapter.features.has('timestamp-query') ? ['timestamp-query'] : [],
    requiredLimits: {
      maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
      maxComputeWorkgroupsPerDimension: limits.maxComputeWorkgroupsPerDimension,
      maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
      maxBufferSize: limits.maxBufferSize,
      maxComputeWorkgroupSizeX: limits.maxComputeWorkgroupSizeX,
      maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
    },
  })
  return new tf.WebGPUBackend(device, adapter.info)
}

interface Slot {
  readonly parameter: tf.Variable
  readonly m: tf.Variable
  readonly v: tf.Variable
}

function createModel(benchModel: BenchModel, workload: Workload) {
  const slots = new Map(
    workload.weights.map(({ name, shape, values }): [string, Slot] => {
      const zeros = () => tf.tidy(() => tf.variable(tf.zeros([...shape]), false))
      const parameter = tf.tidy(() => tf.variable(tf.tensor(values, [...shape], 'float32')))
      return [name, { parameter, m: zeros(), v: zeros() }]
    }),
  )
  const parameters = [...slots.values()].map(({ parameter }) => parameter)
  const weight = (name: string) => slots.get(name)!.parameter
  return {
    step(index: number, { arrays }: Batch): tf.Scalar {
      return tf.tidy(() => {
        const feeds = benchModel.feeds.map((name) => {
          const values = arrays[name]!
          return tf.tensor1d(values, values instanceof Int32Array ? 'int32' : 'float32')
        })
        const { value, grads } = tf.variableGrads(() => benchModel.stockLoss(weight, feeds), parameters)
        for (const slot of slots.values()) adamW(slot, grads[slot.parameter.name]!, index + 1)
        return value
      })
    },
    dispose() {
      for (const slot of slots.values()) tf.dispose([slot.parameter, slot.m, slot.v])
    },
  }
}

function adamW({ parameter, m, v }: Slot, gradient: tf.Tensor, step: number): void {
  const { learningRate, beta1, beta2, epsilon, weightDecay } = hyper
  const nextM = tf.add(tf.mul(m, beta1), tf.mul(gradient, 1 - beta1))
  const nextV = tf.add(tf.mul(v, beta2), tf.mul(tf.square(gradient), 1 - beta2))
  const root = tf.sqrt(tf.mul(nextV, 1 / (1 - beta2 ** step)))
  const direction = tf.div(tf.mul(nextM, 1 / (1 - beta1 ** step)), tf.add(root, epsilon))
  const move = tf.mul(tf.add(direction, tf.mul(parameter, weightDecay)), learningRate)
  m.assign(nextM)
  v.assign(nextV)
  parameter.assign(tf.sub(parameter, move))
}
