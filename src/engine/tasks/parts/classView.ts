import type { DataFacts } from '../../../core/dataFacts.ts'
import type { Mistake, TaskView } from '../../../core/taskView.ts'
import { probabilityReport } from '../../../core/probabilityReport.ts'
import { bestClass, confusion, probabilities } from '../../evaluation/rankings.ts'
import type { ItemViewAt, MeasuredBatch } from '../defineTask.ts'
import { collectScores, ofLabels, type Question } from './classScores.ts'

const mostMistakes = 12
/** A matrix of more is a picture that nobody can read, and grows with the square. */
const mostClasses = 100

/** What was taken for what, and the mistakes that the model was surest of; of labels by default. */
export function viewScores(
  batches: readonly MeasuredBatch[],
  facts: DataFacts,
  itemAt: ItemViewAt,
  question: Question = ofLabels(facts),
): TaskView | null {
  const { classes } = question
  if (classes.length > mostClasses) return null
  const measured = collectScores(batches, facts, question)
  const places = batches.flatMap(({ places: own, validItems }) =>
    Array.from({ length: validItems }, (_, row) => own?.[row] ?? null),
  )
  const wrong: (Omit<Mistake, 'item'> & { place: number | null })[] = []
  measured.targets.forEach((right, item) => {
    const said = bestClass(measured, item)
    if (said === right) return
    wrong.push({ right, said, confidence: probabilities(measured, item)[said]!, place: places[item]! })
  })
  const mistakes = wrong
    .sort((a, b) => b.confidence - a.confidence)
    .slice(0, mostMistakes)
    .map(({ place, ...mistake }) => ({ ...mistake, item: place === null ? null : itemAt(place) }))
  const { targets, numClasses } = measured
  const likely = Float64Array.from(
    Array.from(targets.keys()).flatMap((item) => [...probabilities(measured, item)]),
  )
  return {
    kind: 'confusion',
    classes,
    counts: confusion(measured),
    mistakes,
    // A run that has diverged says nothing.
    ...(targets.length > 0 &&
      likely.every(Number.isFinite) && {
        probabilities: probabilityReport({ probabilities: likely, targets, numClasses }),
      }),
  }
}
