import type { Tensor, Tensor1D, Tensor4D } from '../../backend/tfjs.ts'
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
    const usual = Object.entries(cases).map(([name, options]) => ({
      name,
      compute: () => computeConv([3, 3, width, columns], options),
    }))
    const depthwise = {
      name: 'depthwise',
      compute: () => computeConv([3, 3, 1, width], { groups: width, padding: 'same' }),
    }
    return [...usual, depthwise]
  },
})

function computeConv(weightShape: readonly number[], options: Partial<ConvOptions>): Tensor[] {
  const channels = weightShape[2]! * (options.groups ?? 1)
  const outChannels = weightShape[3]!
  return valueAndGradients([[2, 5, 6, channels], weightShape, [outChannels]], (x, weight, bias) =>
    conv2d(x as Tensor4D, weight as Tensor4D, bias as Tensor1D, { ...plainConv, ...options }),
  )
}
