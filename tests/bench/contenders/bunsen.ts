import { createDevice } from '../../../src/engine/backend/createDevice.ts'
import * as tf from '../../../src/engine/backend/tfjs.ts'
import { settleKernels } from '../../../src/engine/training/measuredKernels.ts'
import { createTrainSession } from '../../../src/engine/training/trainSession.ts'
import type { Contender, CreateContender } from '../contender.ts'
import { hyper } from '../hyper.ts'

/** The engine itself, as the train worker calls it. */
export const createBunsen: CreateContender = (options) => create(options, 'table')

/** The same with kernels that are measured before its first step. */
export const createTunedBunsen: CreateContender = (options) => create(options, 'measured')

async function create(
  { workload, gpu }: Parameters<CreateContender>[0],
  kernels: 'table' | 'measured',
): Promise<Contender> {
  const device = await createDevice({ backend: 'webgpu', gpu })
  const backendName = tf.getBackend()
  const { weights, facts } = workload
  const config = { ...workload.config, kernels }
  const session = createTrainSession({ device, config, facts })
  session.importState(
    new Map(weights.map(({ name, shape, values }) => [name, { dtype: 'float32', shape, data: values }])),
    'weights',
  )
  return {
    ...(kernels === 'table'
      ? { id: 'bunsen', title: 'Bunsen' }
      : { id: 'bunsen-tuned', title: 'Bunsen, measured kernels' }),
    async activate() {
      tf.env().set('WEBGPU_CPU_FORWARD', false)
      tf.env().set('WEBGPU_MATMUL_PROGRAM_TYPE', 3)
      await tf.setBackend(backendName)
    },
    async prepare() {
      await settleKernels({ session, adapter: device.info.name, progress: { step: 0, kernels: null } })
      await session.prepareStep(() => {})
    },
    step(index, batch) {
      const pending = session.step({
        step: index,
        stageStep: index,
        batches: [batch],
        learningRate: hyper.learningRate,
      })
      return { loss: async () => (await pending.read()).loss }
    },
    sync: () => device.sync(),
    dispose() {
      session.dispose()
      device.dispose()
    },
  }
}
