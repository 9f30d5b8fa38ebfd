import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { writeTable } from '../../table/writeTable.ts'
import { defineBundled } from '../defineBundled.ts'

const languages = ['en', 'de', 'fr', 'es', 'it'] as const
type Language = (typeof languages)[number]

type Names = Readonly<Record<string, string>>

interface Annotations {
  readonly annotations: {
    readonly annotations: Readonly<Record<string, { readonly tts?: readonly string[] }>>
  }
}
interface Displayed {
  readonly main: Readonly<Record<string, { readonly localeDisplayNames: Readonly<Record<string, Names>> }>>
}

/** Of what CLDR names: signs and emoji, languages, countries and regions, scripts. */
const displayed = ['languages', 'territories', 'scripts'] as const

export default defineBundled({
  id: 'cldr-names',
  order: 22,
  title: 'Names in five languages',
  summary:
    'About 3,000 names of emoji, signs, languages, countries and scripts in English, German, French, Spanish and Italian.',
  kind: 'table',
  packageName: 'cldr-annotations-full',
  licence: 'Unicode-3.0',
  async read(files) {
    const require = createRequire(import.meta.url)
    const annotated = async (language: Language): Promise<Names> => {
      const path = `annotations/${language}/annotations.json`
      const { annotations } = (JSON.parse(await files.text(path)) as Annotations).annotations
      return Object.fromEntries(
        Object.entries(annotations).flatMap(([sign, { tts }]) => (tts?.[0] ? [[sign, tts[0]]] : [])),
      )
    }
    const namesOf = async (language: Language, what: string): Promise<Names> => {
      const path = require.resolve(`cldr-localenames-full/main/${language}/${what}.json`)
      const { main } = JSON.parse(await readFile(path, 'utf8')) as Displayed
      return main[language]!.localeDisplayNames[what]!
    }
    const sources = [annotated, ...displayed.map((what) => (language: Language) => namesOf(language, what))]
    const rows: string[][] = []
    const known = new Set<string>()
    for (const source of sources) {
      const [first, ...others] = await Promise.all(languages.map(source))
      for (const [key, name] of Object.entries(first!)) {
        const row = [name, ...others.map((names) => names[key] ?? '')]
        // Short and long forms are the same name twice, and what has none is called by its code.
        const isName = row.every((cell) => cell !== '' && cell !== key) && !key.includes('-alt-')
        if (!isName || known.has(name)) continue
        known.add(name)
        rows.push(row)
      }
    }
    return writeTable([[...languages], ...rows])
  },
})
