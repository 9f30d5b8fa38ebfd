import { counted } from '../../../core/counted.ts'
import { defineCheck } from '../defineCheck.ts'
import { copiesOf } from '../finding.ts'
import { contentKeys } from '../duplicates/contentKeys.ts'
import { duplicateFinding } from '../duplicates/duplicateFinding.ts'
import { Groups } from '../duplicates/groups.ts'
import { nearTexts } from '../duplicates/nearTexts.ts'

/** Of the shingles of both texts, so many are shared. */
const leastSimilarity = 0.8

export default defineCheck({
  id: 'near-duplicate-texts',
  order: 21,
  version: 1,
  title: 'Nearly equal texts',
  summary: 'Texts that differ in a few words, in case or in punctuation.',
  headline: (found) => `${counted(copiesOf(found), 'text is', 'texts are')} nearly the same as others.`,
  skipped: (set) =>
    set.images === null && set.columns.some(({ kind }) => kind === 'text') ? null : 'The set has no texts.',
  run(set, { seed }) {
    const keys = contentKeys(set)
    const texts = set.columns.filter(({ kind, name }) => kind === 'text' && name !== set.labels?.name)
    const whole = keys.map((_, item) => texts.map(({ cells }) => cells[item]!).join('\n'))
    const groups = new Groups(set.count)
    const similarities = new Map<number, number>()
    for (const { a, b, similarity } of nearTexts(whole, { least: leastSimilarity, seed })) {
      if (keys[a] === keys[b]) continue
      groups.join(a, b)
      for (const item of [a, b]) similarities.set(item, Math.min(similarity, similarities.get(item) ?? 1))
    }
    return groups.all().map((items) => {
      const similarity = items.reduce((least, item) => Math.min(least, similarities.get(item) ?? 1), 1)
      return { ...duplicateFinding(set, items, Math.min(0.99, similarity)), values: { similarity } }
    })
  },
})
