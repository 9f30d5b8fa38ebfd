import { tensor1d, variable, type Tensor2D } from '../../backend/tfjs.ts'
import { defineSelfTest, normalTensor } from '../../selfTest/defineSelfTest.ts'
import { putRow } from './putRow.ts'

export default defineSelfTest({
  id: 'putRow',
  // It writes into a variable, which outlives a recording.
  isRecordable: false,
  cases: ({ rows, width }) => [
    {
      name: 'one row of many',
      compute() {
        const kept = variable(normalTensor('kept', [rows, width]))
        putRow(
          kept,
          normalTensor('values', [1, width]) as Tensor2D,
          tensor1d([Math.floor(rows / 2)], 'int32'),
        )
        const result = kept.clone()
        kept.dispose()
        return [result]
      },
    },
  ],
})
