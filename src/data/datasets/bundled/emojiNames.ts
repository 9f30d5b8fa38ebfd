import { writeTable } from '../../table/writeTable.ts'
import { defineBundled } from '../defineBundled.ts'

export default defineBundled({
  id: 'emoji-names',
  order: 21,
  title: 'Names of emoji by group',
  summary: 'About 1,900 Unicode names with the group that each belongs to: food, flags, animals and so on.',
  kind: 'table',
  packageName: 'unicode-emoji-json',
  licence: 'MIT',
  async read(files) {
    const described = JSON.parse(await files.text('data-by-emoji.json')) as Record<
      string,
      { name: string; group: string }
    >
    const rows = Object.values(described).map(({ name, group }) => [name, group])
    return writeTable([['text', 'label'], ...rows])
  },
})
