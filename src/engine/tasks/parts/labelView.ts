import type { DataFacts } from '../../../core/dataFacts.ts'
import type { LabelGuess, TaskView } from '../../../core/taskView.ts'
import { countsOfLabels, isSaid } from '../../evaluation/labelCounts.ts'
import { factOf, type ItemViewAt, type MeasuredBatch } from '../defineTask.ts'
import { collectLabels } from './labelScores.ts'

const mostItems = 12
const mostLabels = 40
/** Of an item. */
const mostGuesses = 12

/** How often each label was found, and the items that are furthest off. */
export function viewLabels(
  batches: readonly MeasuredBatch[],
  facts: DataFacts,
  itemAt: ItemViewAt,
): TaskView {
  const names = factOf(facts, 'labels')
  const measured = collectLabels(batches, facts)
  const { logits, targets, numLabels } = measured
  const places = batches.flatMap(({ places: own, validItems }) =>
    Array.from({ length: validItems }, (_, row) => own?.[row] ?? null),
  )
  const labels = countsOfLabels(measured)
    .map((counts, label) => ({ name: names[label]!, ...counts }))
    .filter(({ right, said }) => right + said > 0)
    .sort((a, b) => b.right - a.right)
    .slice(0, mostLabels)
  // Binary cross-entropy of each item, in a form that does not overflow.
  const errors = places.map((_, item) => {
    let sum = 0
    for (let i = item * numLabels; i < (item + 1) * numLabels; i++) {
      const logit = logits[i]!
      sum += Math.max(logit, 0) - logit * targets[i]! + Math.log1p(Math.exp(-Math.abs(logit)))
    }
    return sum
  })
  const items = places
    .map((place, item) => ({ place, item }))
    .sort((a, b) => errors[b.item]! - errors[a.item]!)
    .slice(0, mostItems)
    .map(({ place, item }) => ({
      item: place === null ? null : itemAt(place),
      guesses: guessesOf(item),
    }))
  return { kind: 'label-sets', labels, items }

  /** What is right or was said, the likeliest first. */
  function guessesOf(item: number): LabelGuess[] {
    return names
      .map((label, i) => {
        const logit = logits[item * numLabels + i]!
        const isRight = targets[item * numLabels + i] === 1
        return { label, probability: 1 / (1 + Math.exp(-logit)), isRight, isSaid: isSaid(logit) }
      })
      .filter((guess) => guess.isRight || guess.isSaid)
      .sort((a, b) => b.probability - a.probability)
      .slice(0, mostGuesses)
  }
}
