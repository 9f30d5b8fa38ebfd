import type { DataFacts } from '../../core/dataFacts.ts'
import { formatCount, formatNumber } from '../format.ts'

/** What a data set consists of, for a list of terms and values. */
export function factRows({ vocabSize, image, classes, numFeatures, target }: DataFacts): [string, string][] {
  const rows: [string, string][] = []
  if (vocabSize !== undefined) rows.push(['Vocabulary', `${formatCount(vocabSize)} tokens`])
  if (image !== undefined) {
    const { height, width, channels } = image
    rows.push(['Images', `${width} × ${height}, ${channels === 1 ? 'grey' : 'colour'}`])
  }
  if (numFeatures !== undefined) rows.push(['Features', formatCount(numFeatures)])
  if (classes !== undefined && classes.length > 0) rows.push(['Classes', formatCount(classes.length)])
  if (target !== undefined) {
    rows.push(['Target', `${formatNumber(target.mean)} ± ${formatNumber(target.deviation)}`])
  }
  return rows
}

/** What its parts are counted in. */
export function itemWord(facts: DataFacts): 'tokens' | 'images' | 'rows' {
  if (facts.vocabSize !== undefined) return 'tokens'
  return facts.image === undefined ? 'rows' : 'images'
}
