import { counted } from '../../../core/counted.ts'
import { defineCheck } from '../defineCheck.ts'
import { copiesOf } from '../finding.ts'
import { contentKeys } from '../duplicates/contentKeys.ts'
import { duplicateFinding } from '../duplicates/duplicateFinding.ts'
import { Groups } from '../duplicates/groups.ts'
import { nearImages } from '../duplicates/nearImages.ts'

export default defineCheck({
  id: 'near-duplicate-images',
  order: 22,
  version: 2,
  title: 'Nearly equal pictures',
  summary: 'Pictures that differ by a little noise, brightness or compression.',
  headline: (found) => `${counted(copiesOf(found), 'picture is', 'pictures are')} nearly the same as others.`,
  skipped: (set) => (set.images === null ? 'The set has no pictures.' : null),
  run(set) {
    const keys = contentKeys(set)
    const groups = new Groups(set.count)
    for (const { a, b } of nearImages(set.images!)) if (keys[a] !== keys[b]) groups.join(a, b)
    return groups.all().map((items) => duplicateFinding(set, items, 0.9))
  },
})
