import { decode } from 'fast-png'
import { expect, it } from 'vitest'
import { encodeImageSet } from '../images/imageSet.ts'
import { writeTable } from '../table/writeTable.ts'
import { diagnose } from '../../../tests/helpers/diagnose.ts'
import { readDoctorSet } from './doctorSet.ts'
import { reportPage } from './reportPage.ts'

const hostile = `"><script>alert(1)</script><img src=x onerror='alert(2)'>&amp;\u202E`

function pageOf(kind: 'table' | 'text' | 'images', bytes: Uint8Array, name: string): string {
  const diagnosis = diagnose(readDoctorSet(kind, bytes, { name, labels: null }), { seed: 0 })
  expect(diagnosis.findings.length).toBeGreaterThan(0)
  return reportPage(diagnosis, { kind, sha256: 'f'.repeat(64), bytes })
}

/** Tags as a browser would read them: all else of the page is text. */
const tagsOf = (page: string) =>
  new Set(Array.from(page.matchAll(/<\/?([a-z][a-z0-9]*)/gi), ([, tag]) => tag!))
const own =
  'html head meta title style body main h1 h2 p section ul li b span div figure figcaption img dl dt dd'

it('holds nothing of a set but text, whatever names, columns, cells and labels say', () => {
  const rows = Array.from({ length: 30 }, (_, i) => [`${hostile} ${i % 15}`, hostile, i % 2 ? hostile : 'no'])
  const bytes = new TextEncoder().encode(writeTable([[`a ${hostile}`, hostile, 'label'], ...rows]))
  const page = pageOf('table', bytes, `${hostile}.csv`)
  expect([...tagsOf(page)].filter((tag) => !own.split(' ').includes(tag))).toEqual([])
  expect(page).not.toMatch(/<[^>]*\son[a-z]+\s*=/i)
  expect(page).not.toContain('\u202E')
  expect(page).toContain('&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;')
  expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"`)
  expect(page).not.toMatch(/https?:|url\(|@import/)
})

it('says what was found, where, and what to do, with the items', () => {
  const rows = Array.from({ length: 24 }, (_, i) => [`value ${i % 23}`, String(i % 23), i % 2 ? 'x' : 'y'])
  rows[23]![2] = rows[0]![2]!
  const bytes = new TextEncoder().encode(writeTable([['a', 'b', 'label'], ...rows]))
  const page = pageOf('table', bytes, 'small.csv')
  expect(page).toContain('<h1>Check of small.csv</h1>')
  expect(page).toContain('1 item is a copy of others.')
  expect(page).toContain('Items 0, 23 are the same. Drop item 23.')
  expect(page).toContain('<figcaption>23</figcaption><dl><dt>a</dt><dd>value 0</dd>')
})

it('masks personal data wherever an item is shown', () => {
  const passage = 'Write to ada.lovelace@mail.org, or call +49 30 1234 5678 90 at any time of the day.'
  const bytes = new TextEncoder().encode(`${passage}\n\n${passage}\n\nSomething else altogether.\n`)
  const page = pageOf('text', bytes, 'letters.txt')
  expect(page).toContain('Write to a***')
  expect(page).not.toMatch(/lovelace@mail|1234 5678/)
})

it('shows pictures as they are', () => {
  const pixels = Uint8Array.from({ length: 4 * 12 }, (_, i) => (i % 24) * 10)
  const set = { count: 4, height: 2, width: 2, channels: 3, pixels, captions: [] }
  const page = pageOf('images', encodeImageSet({ ...set, classes: [], labels: new Int32Array(0) }), 'four')
  const sources = Array.from(page.matchAll(/src="data:image\/png;base64,([^"]+)"/g), ([, code]) => code!)
  const shown = sources.map((code) => [
    ...decode(Uint8Array.from(atob(code), (sign) => sign.charCodeAt(0))).data,
  ])
  // 0 and 2 are the same, and so are 1 and 3.
  const [even, odd] = [0, 1].map((item) => [...pixels.subarray(12 * item, 12 * (item + 1))])
  expect(shown.slice(0, 4)).toEqual([even, even, odd, odd])
})
