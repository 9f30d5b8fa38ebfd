import { writeTable } from '../../table/writeTable.ts'
import { defineBundled } from '../defineBundled.ts'

interface Annotations {
  readonly annotations: {
    readonly annotations: Readonly<
      Record<string, { readonly tts?: readonly string[]; readonly default?: readonly string[] }>
    >
  }
}

/** Keywords of fewer signs than this could not be learned. */
const fewest = 20

export default defineBundled({
  id: 'emoji-keywords',
  order: 23,
  title: 'Names of emoji with their keywords',
  summary:
    'About 1,300 English names of emoji and signs from CLDR, each with those of its keywords that 20 others have too.',
  kind: 'table',
  packageName: 'cldr-annotations-full',
  licence: 'Unicode-3.0',
  async read(files) {
    const path = 'annotations/en/annotations.json'
    const { annotations } = (JSON.parse(await files.text(path)) as Annotations).annotations
    const signs = Object.values(annotations).flatMap(({ tts, default: keywords = [] }) =>
      tts?.[0] ? [{ name: tts[0], keywords }] : [],
    )
    const counts = new Map<string, number>()
    for (const { keywords } of signs)
      for (const keyword of keywords) counts.set(keyword, (counts.get(keyword) ?? 0) + 1)
    const rows = signs.flatMap(({ name, keywords }) => {
      const common = keywords.filter((keyword) => counts.get(keyword)! >= fewest)
      return common.length > 0 ? [[name, common.join('|')]] : []
    })
    return writeTable([['text', 'keywords'], ...rows])
  },
})
