import { BunsenError } from '../../../core/errors.ts'
import type { Fields } from '../../../core/schema.ts'
import {
  any,
  expandDims,
  greaterEqual,
  less,
  logicalAnd,
  sub,
  sum,
  where,
  zerosLike,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
} from '../../backend/tfjs.ts'
import { offTape } from '../../backend/offTape.ts'
import { firstLargest, firstSmallest } from './extremes.ts'
import type { LabelPairs } from './labelPairs.ts'

/** Settings of which triplets of a labelled batch count. */
export const minerFields = {
  miner: {
    type: 'choice',
    label: 'Triplets',
    help: 'Which ones of a batch count. All but the hardest of each anchor take memory by the cube of the batch.',
    default: 'batch-hard',
    options: [
      {
        value: 'batch-hard',
        label: 'Hardest of each anchor',
        help: 'Its farthest positive and its nearest negative.',
      },
      { value: 'batch-all', label: 'All' },
      {
        value: 'within-margin',
        label: 'Within the margin',
        help: 'The negative is not further by more than it.',
      },
      {
        value: 'semi-hard',
        label: 'Semi-hard',
        help: 'The negative is further, but not by more than the margin.',
      },
      { value: 'hard', label: 'Hard', help: 'The negative is not further than the positive.' },
    ],
  },
} as const satisfies Fields

export type TripletMiner = (typeof minerFields.miner.options)[number]['value']

/** So many rows have triplets of 64 MB a tensor. */
const mostRows = 256

/** d(a, p) - d(a, n) of triplets, and which of them count: [C], one an anchor, or [C, N, N] by a, p, n. */
export interface Triplets {
  readonly gaps: Tensor
  /** bool */
  readonly mask: Tensor
}

/**
 * @param distances [C, N], of some anchors from all rows
 * @throws BunsenError `loss-input` for more than 256 rows with miners that look at every triplet
 */
export function mineTriplets(
  distances: Tensor2D,
  pairs: LabelPairs,
  { miner, margin }: { readonly miner: TripletMiner; readonly margin: number },
): Triplets {
  return miner === 'batch-hard' ? hardest(distances, pairs) : allOf(distances, pairs, { miner, margin })
}

/** Hermans et al. 2017. Anchors without a positive or a negative do not count. */
function hardest(distances: Tensor2D, { positive, negative }: LabelPairs): Triplets {
  const of = (place: Tensor2D): Tensor1D => sum(where(place, distances, zerosLike(distances)), 1)
  return {
    gaps: sub(of(firstLargest(distances, positive)), of(firstSmallest(distances, negative))),
    mask: logicalAnd(any(positive, 1), any(negative, 1)),
  }
}

function allOf(
  distances: Tensor2D,
  { positive, negative }: LabelPairs,
  { miner, margin }: { miner: TripletMiner; margin: number },
): Triplets {
  const [, rows] = distances.shape
  if (rows > mostRows) throw tooMany(miner, rows)
  const gaps = sub(expandDims(distances, 2), expandDims(distances, 1))
  const triplets = logicalAnd(expandDims(positive, 2), expandDims(negative, 1))
  if (miner === 'batch-all') return { gaps, mask: triplets }
  return {
    gaps,
    mask: logicalAnd(
      triplets,
      offTape(() => isMined(gaps, miner, margin)),
    ),
  }
}

function isMined(gaps: Tensor, miner: TripletMiner, margin: number): Tensor {
  if (miner === 'hard') return greaterEqual(gaps, 0)
  const isWithin = greaterEqual(gaps, -margin)
  return miner === 'semi-hard' ? logicalAnd(isWithin, less(gaps, 0)) : isWithin
}

function tooMany(miner: TripletMiner, rows: number): BunsenError {
  return new BunsenError(
    `Loss triplet-mining: the triplets ${miner} take batches of ${mostRows} rows at most, got ${rows}`,
    { code: 'loss-input', remedy: 'Choose batch-hard or a smaller batch.' },
  )
}
