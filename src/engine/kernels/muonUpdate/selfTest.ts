import { scalar } from '../../backend/tfjs.ts'
import { defineSelfTest, normalTensor } from '../../selfTest/defineSelfTest.ts'
import { updateWhole, type WholeCase } from '../wholeCase.ts'
import { usualPolynomial } from '../newtonSchulz/newtonSchulz.ts'
import { muonTable, muonUpdate } from './muonKernel.ts'
import { muonTwin } from './muonUpdate.ts'

const settings = { momentum: 0.95, isNesterov: true, newtonSchulzSteps: 2, polynomial: usualPolynomial }
const numbers = { forward: -0.1, kept: 0.9 }

export default defineSelfTest({
  id: 'muonUpdate',
  restsOn: ['newtonSchulz', 'matmul'],
  // It writes into buffers of its own.
  isRecordable: false,
  cases: ({ rows, width, columns }) => [
    {
      name: 'matrices of several shapes at once, tall ones turned',
      compute(backend) {
        const shapes = [
          [rows, width],
          [columns, columns],
          [width, rows],
          [rows, width],
        ]
        const weights = shapes.map((shape, k) => ({
          parameter: normalTensor(`parameter ${k}`, shape),
          gradient: normalTensor(`gradient ${k}`, shape),
          slots: { m: normalTensor(`m ${k}`, shape) },
        }))
        const given: WholeCase = { weights, numbers, clip: [1, 1] }
        if (backend !== null)
          return updateWhole(backend, given, {
            table: muonTable,
            update: (flat) => muonUpdate(backend, settings, flat),
          })
        const ofTwin = { forward: scalar(numbers.forward), kept: scalar(numbers.kept) }
        return weights.flatMap(({ slots: { m }, ...weight }) => {
          const next = muonTwin(settings, { ...weight, m, numbers: ofTwin })
          return [next.parameter, next.m]
        })
      },
    },
  ],
})
