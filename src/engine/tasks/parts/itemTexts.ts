import type { DataFacts } from '../../../core/dataFacts.ts'
import type { RunConfig } from '../../../core/runConfig.ts'
import { models } from '../../models/registry.ts'
import { factOf, type ArraySpec } from '../defineTask.ts'

/** Tokens of each item's text: no more than the longest has, and than the model reads. */
export function textArrays(facts: DataFacts, { model }: RunConfig): Record<'texts' | 'textMask', ArraySpec> {
  const longest = factOf(facts, 'textTokens')
  const perItem = Math.min(longest, models.get(model.kind).seqLen(model) ?? longest)
  const most = factOf(facts, 'vocabSize') - 1
  return {
    texts: { dtype: 'int32', perItem, sequence: 'texts', range: [0, most], label: 'tokens of texts' },
    textMask: { dtype: 'int32', perItem, sequence: 'texts', range: [0, 1], label: 'which tokens there are' },
  }
}
