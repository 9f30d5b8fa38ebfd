import { checkLabelled, likeliest, type Labelled } from './labelled.ts'

/** Of the examples that a model is surest of, its class is nearly always the true one: there a label that differs is noise. */
const surestShare = 0.5
/** So many more than are estimated are flagged at most, since those that the model is unsure of hide some. Share of all. */
const allowance = 0.01
/** Nearer to a tie than this a model has no opinion. */
const mostRatio = 0.8

/**
 * What the doctor flags: of the examples that are likelier of another class, those that are the least likely to be what their
 * label says (p_given / p_likeliest, below 0.8), as many as labels are estimated to be wrong, and a hundredth of all more.
 * The estimate is the share of labels that differ from the likeliest class among the half of the examples with the largest
 * probabilities. Counting by thresholds (confident learning) finds too few where a model is sure of nearly everything and two
 * classes share the noise, and too many where classes overlap; a fixed ratio does for one rate of noise only.
 * [N], 1 for each such, else 0. Equal ones are taken by place.
 * @throws DataError `label-probabilities`
 */
export function doubtfulLabels(data: Labelled): Uint8Array {
  checkLabelled(data)
  const { labels, numClasses } = data
  const best = labels.map((_, item) => likeliest(data, item))
  const at = (item: number, label: number) => data.probabilities[item * numClasses + label]!
  const ratio = Float64Array.from(labels, (label, item) => at(item, label) / at(item, best[item]!))
  const doubted = Array.from(labels.keys())
    .filter((item) => best[item] !== labels[item] && ratio[item]! < mostRatio)
    .sort((a, b) => ratio[a]! - ratio[b]! || a - b)
  const surest = Array.from(labels.keys())
    .sort((a, b) => at(b, best[b]!) - at(a, best[a]!) || a - b)
    .slice(0, Math.ceil(surestShare * labels.length))
  const wrong = surest.filter((item) => best[item] !== labels[item]).length / surest.length
  const flags = new Uint8Array(labels.length)
  for (const item of doubted.slice(0, Math.ceil((wrong + allowance) * labels.length))) flags[item] = 1
  return flags
}
