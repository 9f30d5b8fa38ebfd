import { tensor1d, variable, type Tensor2D } from '../../backend/tfjs.ts'
import { defineSelfTest, normalTensor } from '../../selfTest/defineSelfTest.ts'
import { putRow } from './putRow.ts'

export default defineSelfTest({
  id: 'putRow',
  // It writes into a variable, which outlives a recording.
  isRecordable: false,
  cases: ({ rows, width }) =>
    [1, 3].map((count) => ({
      name: count === 1 ? 'one row of many' : `one row of each of ${count} matrices`,
      compute() {
        const kept = variable(normalTensor('kept', [count * rows, width]))
        putRow(
          kept,
          normalTensor('values', [count, width]) as Tensor2D,
          tensor1d([Math.floor(rows / 2)], 'int32'),
        )
        const result = kept.clone()
        kept.dispose()
        return [result]
      },
    })),
})
