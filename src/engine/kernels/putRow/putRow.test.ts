import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../../tests/helpers/gpu.ts'
import { tensor1d, tensor2d, variable, type Variable } from '../../backend/tfjs.ts'
import { createTensorStore } from '../../parameters/tensorStore.ts'
import { layOut } from '../../parameters/layout.ts'
import { putRow } from './putRow.ts'

await describeOnDevices('putRow', () => {
  it.each([
    [1, 1],
    [1, 64],
    [1, 1000],
    [2, 3],
    [5, 65],
  ])('writes one row of each of %i matrices and no other, at width %i', async (count, width) => {
    const height = 4
    const before = Float32Array.from({ length: count * height * width }, (_, i) => i)
    const store = createTensorStore(
      layOut([{ name: 'kept', shape: [count * height, width] }], Infinity),
      'test',
    )
    store.write('kept', before)
    const kept: Variable = store.variables.get('kept')!
    for (const row of [3, 0, 2]) {
      const values = Float32Array.from({ length: count * width }, (_, i) => -1 - i - row)
      putRow(kept, tensor2d(values, [count, width]), tensor1d([row], 'int32'))
      for (let matrix = 0; matrix < count; matrix++)
        before.set(values.subarray(matrix * width, (matrix + 1) * width), (matrix * height + row) * width)
      expect((await store.read()).get('kept')).toEqual(before)
    }
    store.dispose()
  })

  it('refuses what does not fit', () => {
    const kept = variable(tensor2d([1, 2, 3, 4], [2, 2]))
    expect(() => putRow(kept, tensor2d([1, 2, 3], [1, 3]), tensor1d([0], 'int32'))).toThrow(/putRow values/)
    const three = tensor2d([1, 2, 3, 4, 5, 6], [3, 2])
    expect(() => putRow(kept, three, tensor1d([0], 'int32'))).toThrow(/row of each matrix of 2 rows, got 3/)
    kept.dispose()
  })
})
