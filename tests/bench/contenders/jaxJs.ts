import type { CreateContender } from '../contender.ts'
import { hyper } from '../hyper.ts'
import { createJaxStep } from './jaxStep.ts'
import { provideIteratorHelpers } from './iteratorHelpers.ts'

/** jax-js at its best: forward, backward and AdamW of the whole step compiled as one function. */
export const createJaxJs: CreateContender = async ({ model, workload }) => {
  provideIteratorHelpers()
  provideUserAgent()
  const jax = await import('@jax-js/jax')
  await jax.init('webgpu')
  jax.defaultDevice('webgpu')
  const np = jax.numpy
  const names = workload.weights.map(({ name }) => name)
  const step = createJaxStep(jax, model, names)
  // A copy: jax-js keeps the array, and the weights are for everybody.
  let weights = workload.weights.map(({ shape, values }) => np.array(values.slice()).reshape([...shape]))
  let m = workload.weights.map(({ shape }) => np.zeros([...shape]))
  let v = workload.weights.map(({ shape }) => np.zeros([...shape]))
  return {
    id: 'jax-js',
    title: 'jax-js, one jit',
    activate: () => Promise.resolve(),
    step(index, { arrays }) {
      const corrections = [hyper.beta1, hyper.beta2].map((beta) => np.array(1 / (1 - beta ** (index + 1))))
      const data = model.feeds.map((name) => np.array(arrays[name]!))
      // Arguments are consumed, so that old weights are freed.
      const result = step(weights, m, v, corrections, data)
      const [loss, ...next] = result
      weights = next[0]
      m = next[1]
      v = next[2]
      return { loss: async () => Number((await loss.data())[0]) }
    },
    async sync() {
      await jax.getWebGPUDevice().queue.onSubmittedWorkDone()
    },
    dispose() {
      for (const array of [...weights, ...m, ...v]) array.dispose()
      step.dispose()
    },
  }
}

/** jax-js asks whether it runs in Safari, even where there is no browser. */
function provideUserAgent(): void {
  if (typeof navigator.userAgent === 'string') return
  Object.defineProperty(navigator, 'userAgent', { value: 'node', configurable: true })
}
