import type { Tensor1D, Tensor4D } from '../../backend/tfjs.ts'
import { defineSelfTest, valueAndGradients } from '../../selfTest/defineSelfTest.ts'
import { conv2d, plainConv, type ConvOptions } from './conv2d.ts'

export default defineSelfTest({
  id: 'conv2d',
  restsOn: ['matmul', 'activations'],
  cases: ({ width, columns }) => {
    const cases: Record<string, Partial<ConvOptions>> = {
      'every place, with an activation': { padding: 'same', activation: 'relu' },
      'every second place': { stride: [2, 2] },
    }
    return Object.entries(cases).map(([name, options]) => ({
      name,
      compute: () =>
        valueAndGradients([[2, 7, 6, width], [3, 3, width, columns], [columns]], (x, weight, bias) =>
          conv2d(x as Tensor4D, weight as Tensor4D, bias as Tensor1D, { ...plainConv, ...options }),
        ),
    }))
  },
})
