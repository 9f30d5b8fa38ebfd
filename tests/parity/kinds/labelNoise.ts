import {
  calibrateJoint,
  confidentJoint,
  confidentThresholds,
  estimatedJoint,
  estimatedPrior,
} from '../../../src/data/doctor/confidentLearning/confidentJoint.ts'
import type { Labelled } from '../../../src/data/doctor/confidentLearning/labelled.ts'
import {
  issueFilters,
  labelIssues,
  placesOf,
  rankIssues,
} from '../../../src/data/doctor/confidentLearning/labelIssues.ts'
import {
  labelQuality,
  qualityMethods,
  type QualityMethod,
} from '../../../src/data/doctor/confidentLearning/labelQuality.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import type { GoldenCase } from '../goldenCase.ts'
import { asTensor, isTensor } from '../goldenTensor.ts'
import { asNumber, asNumbers, asList, asRecord, type Json } from '../json.ts'
import { Ledger } from '../ledger.ts'
import { Unsupported } from '../unsupported.ts'

/** Confident learning from given labels and out-of-sample probabilities: counts and flags exactly, numbers closely. */
export default defineKind({
  id: 'label-noise',
  isFor: (file) => isAbout(file, /^label[- ]noise/i),
  check(golden) {
    const data = labelledOf(golden)
    checkFlags(golden, data)
    checkCounts(golden, data)
    checkScores(golden, data)
    return Promise.resolve()
  },
})

function labelledOf(golden: GoldenCase): Labelled {
  const { shape, values } = golden.input('pred_probs')
  const labels = Int32Array.from(golden.input('given_labels').values)
  // What the probabilities came from, and the truth, which only says how the noise was planted.
  for (const name of ['features', 'true_labels']) golden.inputs.takeIfThere(name)
  for (const name of ['noise_rate', 'noise']) golden.params.takeIfThere(name)
  const [count = 0, numClasses = 0] = shape
  golden.comparison.same(
    'numbers of examples and classes',
    [count, numClasses],
    [
      golden.params.has('examples') ? golden.param('examples') : count,
      golden.params.has('classes') ? golden.param('classes') : numClasses,
    ],
  )
  return { labels, probabilities: Float64Array.from(values), numClasses }
}

function checkFlags(golden: GoldenCase, data: Labelled): void {
  const { comparison, expected, inputs } = golden
  const filters = asRecord(expected.takeIfThere('find_label_issues') ?? {}, 'find_label_issues')
  const planted = new Set(
    asNumbers(inputs.takeIfThere('planted_noise_indices') ?? [], 'planted_noise_indices'),
  )
  for (const [name, stated] of Object.entries(filters)) {
    const filter = issueFilters.find((known) => known === name.replaceAll('_', '-'))
    if (filter === undefined) throw new Unsupported(`there is no filter ${name}`)
    const ledger = new Ledger(asRecord(stated, name), name)
    const flags = labelIssues(data, filter)
    const places = placesOf(flags)
    const found = places.filter((place) => planted.has(place)).length
    const figures: Readonly<Record<string, number | null>> = {
      flagged: places.length,
      true_positives: found,
      precision: places.length === 0 ? null : found / places.length,
      recall: planted.size === 0 ? null : found / planted.size,
    }
    comparison.same(`items of ${name}`, places, asNumbers(ledger.take('indices'), `${name}.indices`))
    for (const [figure, actual] of Object.entries(figures)) {
      const value = ledger.takeIfThere(figure)
      if (value === undefined || value === null || actual === null) continue
      comparison.number(`${figure} of ${name}`, actual, asNumber(value, figure), { abs: 1e-9, rel: 0 })
    }
    const ranked = ledger.takeIfThere('ranked_by_self_confidence')
    if (ranked !== undefined) {
      const wanted = asNumbers(ranked, 'ranked_by_self_confidence')
      // Equal scores may stand in any order: the scores are compared, and that the items are the same.
      const scores = labelQuality(data, 'self-confidence')
      const own = rankIssues(data, flags, 'self-confidence')
      comparison.same(
        `scores in the order of ${name}`,
        Array.from(own, (item) => scores[item]!),
        wanted.map((item) => scores[item] ?? NaN),
      )
      comparison.same(`ranked items of ${name}`, own.toSorted(), Int32Array.from(wanted).sort())
    }
    if (ledger.untouched.length > 0) throw new Unsupported(`${ledger.untouched.join(', ')} is not compared`)
  }
}

function checkCounts(golden: GoldenCase, data: Labelled): void {
  const { comparison, expected } = golden
  const counts = confidentJoint(data).counts
  const calibrated = calibrateJoint(counts, data)
  const whole: Readonly<Record<string, ArrayLike<number>>> = {
    confident_joint_uncalibrated: counts,
    confident_joint: calibrated,
    num_label_issues: [placesOf(labelIssues(data, 'confident-learning')).length],
  }
  const close: Readonly<Record<string, ArrayLike<number>>> = {
    confident_thresholds: confidentThresholds(data),
    estimated_joint_distribution: estimatedJoint(calibrated),
    estimated_true_label_prior: estimatedPrior(calibrated, data),
  }
  for (const [name, actual] of Object.entries(whole)) {
    const stated = expected.takeIfThere(name)
    if (stated !== undefined) comparison.same(name, actual, numbersOf(stated, name))
  }
  for (const [name, actual] of Object.entries(close)) {
    const stated = expected.takeIfThere(name)
    if (stated === undefined) continue
    comparison.close(name, actual, numbersOf(stated, name), {
      abs: golden.tolerance('thresholds_abs'),
      rel: 0,
    })
  }
}

function checkScores(golden: GoldenCase, data: Labelled): void {
  const scores = asRecord(golden.expected.takeIfThere('label_quality_scores') ?? {}, 'label_quality_scores')
  for (const [name, stated] of Object.entries(scores)) {
    const method: QualityMethod | undefined = qualityMethods.find(
      (known) => known === name.replaceAll('_', '-'),
    )
    if (method === undefined) throw new Unsupported(`there is no score ${name}`)
    const tolerance = { abs: golden.tolerance('scores_abs'), rel: 0 }
    golden.comparison.close(name, labelQuality(data, method), numbersOf(stated, name), tolerance)
  }
}

/** A tensor, a number, or a list of numbers or of rows. */
function numbersOf(value: Json, where: string): readonly number[] {
  if (isTensor(value)) return asTensor(value, where).values
  if (!Array.isArray(value)) return [asNumber(value, where)]
  return asList(value, where).flatMap((entry, i) => numbersOf(entry, `${where}[${i}]`))
}
