import { smallVit } from './parts/smallVit.ts'
import type { Preset } from './registry.ts'

export default {
  id: 'digits-vit',
  title: 'Vision transformer on digits',
  summary: 'Reads handwritten digits as sequences of patches.',
  task: 'image-classification',
  rank: 10,
  suitsSoftware: true,
  config: {
    name: 'Vision transformer on digits',
    task: 'image-classification',
    data: {
      source: { kind: 'bundled', id: 'digits' },
      split: { kind: 'random-items', fraction: 0.1 },
      sampler: { kind: 'shuffled-items' },
      augmentations: [{ kind: 'shift' }, { kind: 'rotate' }],
    },
    ...smallVit,
  },
} satisfies Preset
