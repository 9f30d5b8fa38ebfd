import { createDevice } from '../../../src/engine/backend/createDevice.ts'
import * as tf from '../../../src/engine/backend/tfjs.ts'
import { createTrainSession } from '../../../src/engine/training/trainSession.ts'
import type { CreateContender } from '../contender.ts'
import { hyper } from '../sizes.ts'

/** The engine itself, as the train worker calls it. */
export const createBunsen: CreateContender = async ({ workload, gpu }) => {
  const device = await createDevice({ backend: 'webgpu', gpu })
  const backendName = tf.getBackend()
  const { config, size, weights } = workload
  const session = createTrainSession({ device, config, vocabSize: size.vocabSize })
  session.importState(
    new Map(weights.map(({ name, shape, values }) => [name, { dtype: 'float32', shape, data: values }])),
    'weights',
  )
  return {
    id: 'bunsen',
    title: 'Bunsen',
    async activate() {
      tf.env().set('WEBGPU_CPU_FORWARD', false)
      tf.env().set('WEBGPU_MATMUL_PROGRAM_TYPE', 3)
      await tf.setBackend(backendName)
    },
    prepare: () => session.prepareStep(() => {}),
    step(index) {
      const batches = [workload.batch(index)]
      const pending = session.step({
        step: index,
        stageStep: index,
        batches,
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
