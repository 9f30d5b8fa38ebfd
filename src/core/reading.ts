import { defaultsOf, type Fields, type InferFields } from './schema.ts'

/** How files are read where a person knows better than what is found in them. */
export const readingFields = {
  delimiter: {
    type: 'choice',
    label: 'Columns parted by',
    help: 'Of tables written as text. Anything but “As found” reads the file as a table.',
    default: 'auto',
    options: [
      { value: 'auto', label: 'As found' },
      { value: 'comma', label: 'Comma' },
      { value: 'semicolon', label: 'Semicolon' },
      { value: 'tab', label: 'Tab' },
      { value: 'bar', label: 'Bar' },
    ],
  },
  header: {
    type: 'choice',
    label: 'First row',
    help: 'Whether it names the columns of a table.',
    default: 'auto',
    options: [
      { value: 'auto', label: 'As found' },
      { value: 'yes', label: 'Names' },
      { value: 'no', label: 'Data' },
    ],
  },
  encoding: {
    type: 'choice',
    label: 'Encoding',
    help: 'How letters are written as bytes: where those with accents look wrong, it was another one.',
    default: 'auto',
    options: [
      { value: 'auto', label: 'As found' },
      { value: 'utf-8', label: 'UTF-8' },
      { value: 'utf-16le', label: 'UTF-16 (little-endian)' },
      { value: 'utf-16be', label: 'UTF-16 (big-endian)' },
      { value: 'windows-1252', label: 'Windows-1252 (Western)' },
      { value: 'windows-1250', label: 'Windows-1250 (Central European)' },
      { value: 'windows-1251', label: 'Windows-1251 (Cyrillic)' },
      { value: 'koi8-r', label: 'KOI8-R (Cyrillic)' },
      { value: 'shift_jis', label: 'Shift JIS (Japanese)' },
      { value: 'euc-kr', label: 'EUC-KR (Korean)' },
      { value: 'gb18030', label: 'GB 18030 (Chinese)' },
      { value: 'big5', label: 'Big5 (Chinese)' },
    ],
  },
  mostBroken: {
    type: 'number',
    label: 'Broken records, at most',
    help: 'Share of rows, lines or entries that may be left out for what is wrong with them; with more nothing is stored.',
    default: 0.5,
    min: 0,
    max: 1,
    step: 0.05,
  },
} as const satisfies Fields

export type Reading = InferFields<typeof readingFields>

/** What was found in the first file of a set. */
export type FoundReading = Partial<Pick<Reading, 'delimiter' | 'header' | 'encoding'>>

export const asFound = defaultsOf(readingFields) as Reading
