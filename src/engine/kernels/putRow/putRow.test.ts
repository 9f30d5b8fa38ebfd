import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../../tests/helpers/gpu.ts'
import { tensor1d, tensor2d, variable, type Variable } from '../../backend/tfjs.ts'
import { createTensorStore } from '../../parameters/tensorStore.ts'
import { layOut } from '../../parameters/layout.ts'
import { putRow } from './putRow.ts'

await describeOnDevices('putRow', () => {
  it.each([1, 3, 64, 65, 1000])('writes one row and no other, at width %i', async (width) => {
    const count = 4
    const before = Float32Array.from({ length: count * width }, (_, i) => i)
    const store = createTensorStore(layOut([{ name: 'kept', shape: [count, width] }], Infinity), 'test')
    store.write('kept', before)
    const kept: Variable = store.variables.get('kept')!
    for (const row of [3, 0, 2]) {
      const values = Float32Array.from({ length: width }, (_, i) => -1 - i - row)
      putRow(kept, tensor2d(values, [1, width]), tensor1d([row], 'int32'))
      before.set(values, row * width)
      expect((await store.read()).get('kept')).toEqual(before)
    }
    store.dispose()
  })

  it('refuses what does not fit', () => {
    const kept = variable(tensor2d([1, 2, 3, 4], [2, 2]))
    expect(() => putRow(kept, tensor2d([1, 2, 3], [1, 3]), tensor1d([0], 'int32'))).toThrow(/putRow values/)
    kept.dispose()
  })
})
