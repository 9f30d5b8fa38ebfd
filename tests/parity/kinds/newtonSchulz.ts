import type { Tensor2D, Tensor3D } from '../../../src/engine/backend/tfjs.ts'
import { dispose, expandDims } from '../../../src/engine/backend/tfjs.ts'
import { newtonSchulz } from '../../../src/engine/kernels/newtonSchulz/newtonSchulz.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import { toDevice } from '../goldenTensor.ts'
import { asNumbers } from '../json.ts'
import { polynomialOf } from '../newtonSchulz.ts'
import { singularValues } from '../singularValues.ts'

export default defineKind({
  id: 'newton_schulz',
  isFor: (file) => isAbout(file, /^newton-schulz\b/i),
  async check(golden, context) {
    await context.device()
    const gradient = toDevice(golden.input('gradient')) as Tensor2D
    const stack = expandDims(gradient) as Tensor3D
    const [result] = newtonSchulz([stack], golden.param('steps'), polynomialOf(golden))
    const found = await result!.data()
    golden.compare('orthogonalised', found, golden.closeness)
    const [rows, columns] = gradient.shape
    const stated = golden.expected.takeIfThere('singular_values')
    if (stated !== undefined) {
      const wanted = asNumbers(stated, 'expected.singular_values')
      golden.comparison.close(
        'singular_values',
        singularValues(found, rows, columns),
        wanted,
        golden.closeness,
      )
    }
    dispose([result!, stack, gradient])
  },
})
