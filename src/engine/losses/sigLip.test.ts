import { it } from 'vitest'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { normals } from '../../../tests/helpers/kernels.ts'
import { asPairs, cosines, expectLossMatches } from '../../../tests/helpers/losses.ts'
import sigLip from './sigLip.ts'

await describeOnDevices('SigLIP', () => {
  it('equals its definition, with the gradients of scale and bias', () =>
    expectLossMatches(
      {
        loss: sigLip,
        params: { scale: 10, bias: -10, isNormalized: true },
        shapes: [
          [4, 3],
          [4, 3],
        ],
        inputs: [normals(12, 'a'), normals(12, 'b'), Float32Array.of(1), Float32Array.of(-0.7)],
        as: asPairs,
        scalars: ['logScale', 'bias'],
      },
      (a, b, logScale, bias) => {
        const s = cosines(a, b, 3)
        const terms = s.flatMap((row, i) =>
          row.map((value, j) => {
            const logit = Math.exp(logScale![0]!) * value + bias![0]!
            return Math.log1p(Math.exp(i === j ? -logit : logit))
          }),
        )
        return terms.reduce((sum, term) => sum + term, 0) / s.length
      },
    ))
})
