import { it } from 'vitest'
import { describeOnDevices } from '../../../../tests/helpers/gpu.ts'
import { expectFusedMatchesTwin } from '../../../../tests/helpers/kernels.ts'
import type { Scalar, Tensor, Tensor2D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { withScratchBytes } from '../rowChunks.ts'
import { similarityLoss, type SimilarityOptions } from './similarityLoss.ts'

const plain: SimilarityOptions = {
  ids: 1000,
  excludesSelf: false,
  extraNegatives: 0,
  hasBatchNegatives: true,
  scale: 10,
  weight: 1,
}

await describeOnDevices('similarityLoss', () => {
  it('fused equals its twin in chunks of 64 rows', { timeout: 240_000 }, async () => {
    for (const [rows, columns] of [
      [1, 1],
      [63, 65],
      [200, 130],
    ] as const) {
      for (const options of [plain, { ...plain, ids: 7, excludesSelf: true, extraNegatives: columns >> 2 }]) {
        const run = (a: Tensor, b: Tensor, scale: Tensor): Tensor =>
          withScratchBytes(1, () =>
            tf.tidy(() =>
              similarityLoss(a as Tensor2D, b as Tensor2D, { ...options, scale: scale as Scalar }),
            ),
          )
        const shapes = [[rows, 8], [columns, 8], []]
        await expectFusedMatchesTwin(
          { shapes, run: run as (...inputs: Tensor[]) => Tensor },
          { rtol: 1e-5, atol: 1e-5 },
        )
      }
    }
  })
})
