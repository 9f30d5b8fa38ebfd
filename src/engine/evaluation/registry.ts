import { createRegistry } from '../../core/registry.ts'
import type { MetricSpec } from './defineMetric.ts'

export const metrics = createRegistry(
  'Metric',
  import.meta.glob<{ default: MetricSpec }>(
    [
      './*.ts',
      '!./*.test.ts',
      '!./registry.ts',
      '!./defineMetric.ts',
      '!./rankings.ts',
      '!./labelCounts.ts',
      '!./neighbours.ts',
      '!./retrieval.ts',
      '!./corpusBleu.ts',
      '!./ngrams.ts',
    ],
    {
      eager: true,
    },
  ),
)
