import { isNpy, readNpy } from '../arrays/npy.ts'
import { readWhole } from '../reading/source.ts'
import { defineContainer } from './defineContainer.ts'

/** One NumPy array; an `.npz` file is a zip of them. */
export default defineContainer({
  id: 'npy',
  order: 3,
  title: 'NumPy array',
  matches: isNpy,
  async open(file, { signal }) {
    const array = readNpy(file.name, await readWhole(file, signal))
    return [{ ...file, held: { kind: 'array', importer: 'npy', array } }]
  },
})
