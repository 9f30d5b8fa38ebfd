import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { expectClose } from '../../../tests/helpers/kernels.ts'
import { stepWith } from '../../../tests/helpers/optimizers.ts'
import sgd from './sgd.ts'

const start = [1, -2, 0.5, 0, 7]
const path = [
  [0.1, -3, 0, 1e-4, 2],
  [-0.2, 5, 0, 1e-4, -1],
  [0.3, 0.01, 1e3, -1e-4, 0],
]
const rate = 0.05

/** torch's formula in float64. */
function reference({ momentum = 0.9, dampening = 0, isNesterov = false, weightDecay = 0 }): number[] {
  return start.map((first, i) => {
    let [p, velocity] = [first, 0]
    path.forEach((gradients, k) => {
      const g = gradients[i]! + weightDecay * p
      velocity = k === 0 ? g : momentum * velocity + (1 - dampening) * g
      const ahead = isNesterov ? g + momentum * velocity : velocity
      p -= rate * (momentum === 0 ? g : ahead)
    })
    return p
  })
}

await describeOnDevices('SGD', () => {
  it.each([
    ['without momentum', { momentum: 0 }],
    ['with momentum', {}],
    ['with dampening and decay', { dampening: 0.3, weightDecay: 0.05 }],
    ['in Nesterov’s form', { isNesterov: true, weightDecay: 0.1 }],
  ])('equals plain loops %s', async (_name, settings) => {
    const found = await stepWith(sgd, settings, { start, path, rate })
    expectClose(found, reference(settings), { rtol: 1e-6, atol: 1e-6 })
  })

  it('keeps nothing for a weight without momentum', () => {
    const params = { learningRate: 1, dampening: 0, isNesterov: false, weightDecay: 0, decayOn: 'matrices' }
    expect(sgd.slots({ ...params, momentum: 0 })).toEqual([])
    expect(sgd.slots({ ...params, momentum: 0.5 })).toEqual(['velocity'])
  })
})
