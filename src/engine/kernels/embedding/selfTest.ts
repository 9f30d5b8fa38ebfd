import type { Tensor2D } from '../../backend/tfjs.ts'
import { defineSelfTest, someIds, valueAndGradients } from '../../selfTest/defineSelfTest.ts'
import { embedding, tokenAndPositionEmbedding } from './embedding.ts'

export default defineSelfTest({
  id: 'embedding',
  cases: ({ rows, width, columns }) => [
    {
      name: 'more ids than rows of the table',
      compute: () =>
        valueAndGradients([[columns, width]], (table) =>
          embedding(table as Tensor2D, someIds(3 * columns, columns)),
        ),
    },
    {
      name: 'fewer ids, with positions',
      compute: () =>
        valueAndGradients(
          [
            [3 * rows, width],
            [rows, width],
          ],
          (table, positions) =>
            tokenAndPositionEmbedding(
              table as Tensor2D,
              positions as Tensor2D,
              someIds(2 * rows, 3 * rows),
              rows,
            ),
        ),
    },
  ],
})
