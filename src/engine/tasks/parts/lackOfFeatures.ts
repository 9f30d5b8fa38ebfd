import type { DataFacts } from '../../../core/dataFacts.ts'

/** What tasks share that learn from the columns of a table. */
export function lackOfFeatures({ numFeatures, textTokens }: DataFacts): string | null {
  if (numFeatures === undefined) return 'needs a table'
  if (numFeatures > 0) return null
  return textTokens === undefined
    ? 'needs a column beside the target that tells rows apart'
    : 'needs columns of numbers or categories, and these are texts: the task text-classification reads them'
}
