import { defineBundled } from '../defineBundled.ts'

type Row = Record<string, string | number | null>

export default defineBundled({
  id: 'penguins',
  order: 20,
  title: 'Palmer penguins',
  summary: '344 penguins of three species: measures of each, its island and its sex, some of them missing.',
  kind: 'table',
  packageName: 'vega-datasets',
  licence: 'CC0-1.0',
  async read(files) {
    const rows = JSON.parse(await files.text('data/penguins.json')) as Row[]
    const columns = Object.keys(rows[0]!)
    // A point stands where the sex is not known.
    const cell = (value: Row[string]) => (value === null || value === '.' ? '' : String(value))
    return [columns, ...rows.map((row) => columns.map((name) => cell(row[name]!)))]
      .map((cells) => `${cells.join(',')}\n`)
      .join('')
  },
})
