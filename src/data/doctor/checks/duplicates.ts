import { counted } from '../../../core/counted.ts'
import { defineCheck } from '../defineCheck.ts'
import { copiesOf } from '../finding.ts'
import { contentKeys } from '../duplicates/contentKeys.ts'
import { duplicateFinding } from '../duplicates/duplicateFinding.ts'

export default defineCheck({
  id: 'duplicates',
  order: 20,
  version: 1,
  title: 'Exact duplicates',
  summary:
    'Items that hold the same, in the same part or across parts, with the same or with different labels.',
  headline: (found) => `${counted(copiesOf(found), 'item is a copy', 'items are copies')} of others.`,
  run(set) {
    const byKey = new Map<string, number[]>()
    contentKeys(set).forEach((key, item) => {
      if (key === '') return
      const own = byKey.get(key)
      if (own) own.push(item)
      else byKey.set(key, [item])
    })
    return [...byKey.values()]
      .filter((items) => items.length > 1)
      .map((items) => duplicateFinding(set, items, 1))
  },
})
