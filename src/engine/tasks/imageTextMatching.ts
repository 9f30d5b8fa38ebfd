import type { RunConfig } from '../../core/runConfig.ts'
import type { Issue } from '../../core/schema.ts'
import type { ItemView } from '../../core/taskView.ts'
import { losses } from '../losses/registry.ts'
import { outputOf } from '../models/modelInputs.ts'
import { defineTask, type ItemViewAt, type MeasuredBatch } from './defineTask.ts'
import { captionedArrays, captionedInput, captionedSizes, lackOfCaptions } from './parts/captioned.ts'
import { classInputs, classKinds, collectScores, measureScores, type Question } from './parts/classScores.ts'
import { viewScores } from './parts/classView.ts'

const question: Question = { array: 'isOwnText', classes: ['another’s', 'its own'] }

/** Items with the captions that were shown with them. */
function withShown(batches: readonly MeasuredBatch[], itemAt: ItemViewAt): ItemViewAt {
  const shownAt = new Map<number, number>()
  for (const { arrays, places } of batches)
    places?.forEach((place, row) => shownAt.set(place, places[arrays['shownRows']![row]!]!))
  return (place): ItemView | null => {
    const [own, other] = [itemAt(place), itemAt(shownAt.get(place) ?? place)]
    const isPicture = own?.kind === 'picture' && other?.kind === 'picture'
    return isPicture ? { ...own, caption: other.caption ?? '' } : own
  }
}

/** Losses on what the towers make need vectors of one width. */
function checkWidths({ model, stages }: RunConfig): Issue[] {
  const widthOf = (side: string) => (model[side] as { embedDim?: number } | undefined)?.embedDim
  const [image, text] = [widthOf('image'), widthOf('text')]
  if (image === text) return []
  return stages.flatMap((stage, i) =>
    stage.losses.flatMap(({ name }, j): Issue[] =>
      losses.get(name).accepts === 'pairs'
        ? [
            {
              path: ['stages', i, 'losses', j, 'name'],
              message: `compares both towers, which must be as wide, got ${image} and ${text} (model.image.embedDim, model.text.embedDim)`,
            },
          ]
        : [],
    ),
  )
}

/**
 * Whether a text is about a picture, by reading both together: image–text matching as ALBEF (Li et al. 2021) has it. Losses on
 * pairs bring the towers' vectors together before, without which hardly anything is learned from scratch.
 */
export default defineTask({
  id: 'image-text-matching',
  title: 'Match or no match',
  summary: 'Looks at a picture and a caption together, and learns to say whether the caption is its own.',
  dataKinds: ['images'],
  models: ['fusion'],
  defaultLoss: 'cross-entropy',
  gives: [...classKinds, 'pairs'],
  canWrite: false,
  hasTwoClasses: true,
  lack: lackOfCaptions,
  check: checkWidths,
  unit: 'items',
  sizes: (facts) => ({ captionedImages: captionedSizes(facts, { kind: 'classes', count: 2 }) }),
  arrays(facts, config) {
    const whole = { dtype: 'int32', perItem: 1 } as const
    const lastRow = Math.max(...config.stages.map(({ batchSize }) => batchSize)) - 1
    return {
      ...captionedArrays(facts, config),
      shownRows: { ...whole, range: [0, lastRow], label: 'rows whose texts are shown', namesRows: true },
      isOwnText: { ...whole, range: [0, 1], label: 'whether it is their own', isTarget: true },
    }
  },
  lossWidth: (_facts, { model }) => Number((model['image'] as { embedDim: number }).embedDim),
  forward(predict, batch) {
    const { arrays } = batch
    const output = predict({ captionedImages: { ...captionedInput(batch), shown: arrays['shownRows']! } })
    return {
      ...classInputs(output, arrays['isOwnText']!, null),
      pairs: { ...outputOf(output, 'pair'), ids: arrays['textIds']! },
    }
  },
  measuredKind: 'classes',
  measure: measureScores,
  collect: (batches, facts) => collectScores(batches, facts, question),
  view: (batches, facts, itemAt) => viewScores(batches, facts, withShown(batches, itemAt), question),
})
