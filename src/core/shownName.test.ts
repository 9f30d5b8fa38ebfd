import { expect, it } from 'vitest'
import { shownName } from './shownName.ts'

it.each(['notes.txt', 'Été 2024 — 日本語.csv', '👩‍👩‍👧 family.md', ''])('leaves “%s” as it is', (name) => {
  expect(shownName(name)).toBe(name)
})

it.each([
  ['a\u202Etxt.exe', 'a\uFFFDtxt.exe'],
  ['line\nbreak\0.txt', 'line\uFFFDbreak\uFFFD.txt'],
  ['lone \uD800.txt', 'lone \uFFFD.txt'],
])('shows what cannot be seen in %j', (name, shown) => {
  expect(shownName(name)).toBe(shown)
})

it('shortens a long name in its middle, between whole characters', () => {
  const shown = shownName(`${'𝒳'.repeat(10_000)}.jsonl`)
  expect(Array.from(shown)).toHaveLength(100)
  expect(shown).toMatch(/^(𝒳){50}…(𝒳){43}\.jsonl$/u)
})
