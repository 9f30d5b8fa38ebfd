import { scalar, square, type Tensor } from '../../backend/tfjs.ts'
import { defineSelfTest, normalTensor } from '../../selfTest/defineSelfTest.ts'
import { updateWhole, type WholeCase } from '../wholeCase.ts'
import { adafactorTable, adafactorUpdate } from './adafactorKernel.ts'
import { adafactorTwin, isFactored, type AdafactorSettings } from './adafactorUpdate.ts'

const settings: AdafactorSettings = {
  isScaled: true,
  leastScale: 1e-3,
  clipThreshold: 1,
  beta1: 0.9,
  epsilon: 1e-30,
  epsilonKind: 'added',
  decayKind: 'step',
}
const numbers = { rate: 0.1, remembered: 0.4, forgotten: 0.6, pull: 0.1 }

function caseOf(shapes: readonly (readonly number[])[]): WholeCase {
  const positive = (name: string, shape: readonly number[]): Tensor => square(normalTensor(name, shape))
  const weights = shapes.map((shape, k) => ({
    parameter: normalTensor(`parameter ${k}`, shape),
    gradient: normalTensor(`gradient ${k}`, shape),
    slots: {
      ...(isFactored(shape)
        ? {
            row: positive(`row ${k}`, shape.slice(0, -1)),
            column: positive(`column ${k}`, [...shape.slice(0, -2), shape.at(-1)!]),
          }
        : { v: positive(`v ${k}`, shape) }),
      m: normalTensor(`m ${k}`, shape),
    },
  }))
  return { weights, numbers, clip: [1, 1] }
}

export default defineSelfTest({
  id: 'adafactorUpdate',
  // It writes into buffers of its own.
  isRecordable: false,
  cases: ({ rows, width, columns }) => [
    {
      name: 'matrices, a stack of them and vectors at once',
      compute(backend) {
        const given = caseOf([[rows, width], [columns], [width, columns], [2, 3, rows], [width]])
        if (backend !== null)
          return updateWhole(backend, given, {
            table: adafactorTable,
            update: (flat) => adafactorUpdate(backend, settings, flat),
          })
        const [rate, remembered, forgotten, pull] = Object.values(numbers).map((value) => scalar(value))
        const ofTwin = { rate: rate!, remembered: remembered!, forgotten: forgotten!, pull: pull! }
        return given.weights.flatMap((weight) => {
          const next = adafactorTwin(settings, { ...weight, numbers: ofTwin })
          return [next.parameter, ...Object.keys(weight.slots).map((name) => next.slots[name]!)]
        })
      },
    },
  ],
})
