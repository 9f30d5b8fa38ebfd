import { classReport, meanScores, type ClassScores } from '../../../src/core/classReport.ts'
import { confusion } from '../../../src/engine/evaluation/rankings.ts'
import { metrics } from '../../../src/engine/evaluation/registry.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import type { GoldenCase } from '../goldenCase.ts'
import { asList, asNumber, asNumbers, isRecord, type Json } from '../json.ts'
import { Unsupported } from '../unsupported.ts'

/** What is told of classes that were said, by scores that say the same ones. */
export default defineKind({
  id: 'classification',
  isFor: (file) => isAbout(file, /accuracy.*\bF1\b/i),
  check(golden) {
    const numClasses = golden.param('classes')
    const targets = Int32Array.from(golden.input('labels').values)
    const said = golden.input('predictions').values
    const logits = new Float32Array(targets.length * numClasses)
    said.forEach((own, item) => (logits[item * numClasses + own] = 1))
    const measured = { logits, targets, numClasses }
    const counts = confusion(measured)
    const report = classReport(counts)
    const { accuracy, balancedAccuracy, matthews, kappa, classes } = report
    const met = classes.every(({ there, said: own }) => there + own > 0)
    golden.comparison.number('accuracy as a metric', metrics.get('accuracy').compute(measured)!, accuracy, {
      abs: 0,
      rel: 0,
    })
    const micro = { precision: accuracy, recall: accuracy, f1: accuracy }
    compareNumbers(golden, {
      accuracy,
      balanced_accuracy: balancedAccuracy,
      matthews_corrcoef: matthews,
      cohen_kappa: kappa ?? NaN,
      confusion_matrix_rows_true: counts,
      per_class: {
        precision: classes.map(({ precision }) => precision),
        recall: classes.map(({ recall }) => recall),
        f1: classes.map(({ f1 }) => f1),
      },
      macro: {
        ...meanScores(classes, 'macro'),
        // The metric leaves out classes that nothing speaks of.
        ...(met && { f1: metrics.get('macroF1').compute(measured)! }),
      },
      weighted: meanScores(classes, 'weighted'),
      // Of every item one class is said: all of these are the accuracy.
      micro,
      ...(numClasses === 2 && { binary_positive_1: { ...classes[1]!, f2: fBeta(classes[1]!, 2) } }),
    })
    return Promise.resolve()
  },
})

/** Recall counts `beta` times as much as precision. */
function fBeta({ precision, recall }: ClassScores, beta: number): number {
  const whole = beta ** 2 * precision + recall
  return whole === 0 ? 0 : ((1 + beta ** 2) * precision * recall) / whole
}

type Stated = number | ArrayLike<number> | Readonly<Record<string, number | readonly number[]>>

function compareNumbers(
  { comparison, expected, closeness }: GoldenCase,
  found: Readonly<Record<string, Stated>>,
): void {
  const compare = (name: string, actual: Stated | undefined, stated: Json) => {
    if (actual === undefined) throw new Unsupported(`${name} is not told`)
    if (typeof actual === 'number') return comparison.number(name, actual, asNumber(stated, name), closeness)
    if (!isRecord(stated))
      return comparison.close(name, actual as ArrayLike<number>, flat(stated, name), closeness)
    for (const [part, value] of Object.entries(stated))
      compare(`${name}.${part}`, (actual as Readonly<Record<string, Stated>>)[part], value)
  }
  for (const [name, actual] of Object.entries(found)) {
    const stated = expected.takeIfThere(name)
    if (stated !== undefined) compare(name, actual, stated)
  }
}

/** Numbers, or rows of numbers. */
function flat(stated: Json, where: string): number[] {
  const list = asList(stated, where)
  return Array.isArray(list[0])
    ? list.flatMap((row, i) => asNumbers(row, `${where}[${i}]`))
    : asNumbers(list, where)
}
