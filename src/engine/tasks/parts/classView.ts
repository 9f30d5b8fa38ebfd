import type { DataFacts } from '../../../core/dataFacts.ts'
import type { Mistake, TaskView } from '../../../core/taskView.ts'
import { bestClass, confusion, probabilities } from '../../evaluation/rankings.ts'
import { factOf, type ItemViewAt, type MeasuredBatch } from '../defineTask.ts'
import { collectScores } from './classScores.ts'

const mostMistakes = 12
/** A matrix of more is a picture that nobody can read, and grows with the square. */
const mostClasses = 100

/** What was taken for what, and the mistakes that the model was surest of. */
export function viewScores(
  batches: readonly MeasuredBatch[],
  facts: DataFacts,
  itemAt: ItemViewAt,
): TaskView | null {
  const classes = factOf(facts, 'classes')
  if (classes.length > mostClasses) return null
  const measured = collectScores(batches, facts)
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
  return { kind: 'confusion', classes, counts: confusion(measured), mistakes }
}
