import { smallVit } from './parts/smallVit.ts'
import type { Preset } from './registry.ts'

export default {
  id: 'fashion-vit',
  title: 'Vision transformer on clothes',
  summary: 'Tells clothes and shoes apart, which is harder than digits.',
  task: 'image-classification',
  rank: 11,
  suitsSoftware: true,
  config: {
    name: 'Vision transformer on clothes',
    task: 'image-classification',
    data: {
      source: { kind: 'bundled', id: 'fashion' },
      split: { kind: 'random-items', fraction: 0.05 },
      sampler: { kind: 'shuffled-items' },
      // No shifts: across the borders of patches they cost more than they teach in so few steps.
      augmentations: [{ kind: 'flip' }],
    },
    ...smallVit,
  },
} satisfies Preset
