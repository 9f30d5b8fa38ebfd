import * as tf from '../../../src/engine/backend/tfjs.ts'
import { createJaxParts } from '../contenders/jaxTransformer.ts'
import { dense, pair, stockCrossEntropy } from '../contenders/stockTransformer.ts'
import { createWorkload, type BenchModel } from './benchModel.ts'
import { barImages, imageTower, type ImageTowerSize } from './imageTower.ts'

export interface VitSize extends ImageTowerSize {
  readonly name: string
  readonly numClasses: number
}

/** A vision transformer that tells classes of images. */
export function vitModel(size: VitSize): BenchModel {
  const { name, side, batchSize, embedDim, numClasses } = size
  const tower = imageTower(size)
  return {
    name,
    shape: `ViT of ${tower.shape}, ${numClasses} classes`,
    flopsPerStep: tower.flops + 3 * 2 * batchSize * embedDim * numClasses,
    perStep: { count: batchSize, unit: 'images' },
    workload: (precision = 'float32') =>
      createWorkload(
        {
          task: 'image-classification',
          model: { kind: 'vit', ...tower.settings },
          stage: { losses: [{ name: 'cross-entropy' }] },
          batchSize,
          precision,
        },
        {
          facts: {
            image: { height: side, width: side, channels: 1 },
            classes: Array.from({ length: numClasses }, (_, i) => `class ${i}`),
          },
          batch: (index) => ({ arrays: barImages(size, numClasses, index), batchSize }),
        },
      ),
    feeds: ['pixels', 'labels'],
    stockLoss(weight, [pixels, labels]) {
      const pooled = tower.stock(weight, pixels!, '')
      return stockCrossEntropy(dense(pooled, ...pair(weight, 'classes')), tf.cast(labels!, 'int32'))
    },
    jaxLoss(jax) {
      const parts = createJaxParts(jax)
      const run = tower.jax(jax)
      return (weight, [pixels, labels]) => {
        const pooled = run(weight, pixels!, '')
        return parts.crossEntropy(parts.dense(pooled, ...parts.pair(weight, 'classes')), labels!)
      }
    },
  }
}
