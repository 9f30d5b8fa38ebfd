import { ShapeError } from '../../../core/errors.ts'
import type { LabBackend } from '../../backend/labBackend.ts'
import { offTape } from '../../backend/offTape.ts'
import type { Scalar, Tensor1D, Tensor2D } from '../../backend/tfjs.ts'
import { fusedBackend } from '../mode.ts'
import { checkTensor } from '../shapes.ts'
import { checkPairs, type PairOptions } from './pairOptions.ts'
import { fusedSimilarityLoss } from './similarityKernel.ts'
import { accuracyTwin, similarityTwin } from './similarityTwin.ts'

export interface SimilarityOptions extends PairOptions {
  /** `both`: the mean of the loss of rows over columns and of that of columns over rows. */
  directions: 'rows' | 'both'
  /**
   * Which positives stand in the denominator beside the negatives: all of the row (InfoNCE, supervised contrastive),
   * for each positive itself alone (NT-Xent over labelled pairs), or none (decoupled, Yeh et al. 2022).
   */
  denominator: 'all' | 'own' | 'none'
  /** Mean over rows of the mean over their positives, or over all pairs of a row and a positive. */
  mean: 'rows' | 'pairs'
  /** Negatives weigh e^(hardness · s), on average 1 (Robinson et al. 2021); 0: all the same. */
  hardness: number
  /**
   * Share of negatives that are positives unbeknown, taken off with the denominator `own` (Chuang et al. 2020), down to
   * what negatives with a similarity of -1 would add; below 1. 0: none.
   */
  positivePrior: number
  /** float32 [N], factors of the rows' positives in the numerator, without a gradient (DCLW); null: 1. */
  positiveWeights: Tensor1D | null
  /** b gets no gradient: keys of a momentum encoder and a queue. */
  areColumnsFixed: boolean
}

/** What rows make of the choice among columns. */
export interface Contrast {
  readonly loss: Scalar
  /** Share of those that count whose nearest column is a positive and no negative, without a gradient. */
  readonly accuracy: Scalar
}

/** InfoNCE of row i with column i, unscaled. */
export const oneToOne: SimilarityOptions = {
  ids: 2 ** 30,
  excludesSelf: false,
  extraNegatives: 0,
  areExtraIdsSeen: false,
  hasBatchNegatives: true,
  scale: 1,
  weight: 1,
  directions: 'rows',
  denominator: 'all',
  mean: 'rows',
  hardness: 0,
  positivePrior: 0,
  positiveWeights: null,
  areColumnsFixed: false,
}

/**
 * Mean, over rows that have a positive, of logsumexp over positives and negatives minus the mean of the positives, of
 * scaled similarities a · bᵀ: InfoNCE (van den Oord et al. 2018), NT-Xent (Chen et al. 2020), supervised contrastive
 * (Khosla et al. 2020, L_out), a queue of negatives (He et al. 2020), CLIP (Radford et al. 2021) with both directions;
 * see the options for the others. 0, without a gradient, where no row has a positive; a row without negatives does not
 * count where they alone are the denominator. The similarities are made for some rows at a time, 32 MB of them at most;
 * a second time only where both directions need more.
 * @param a [N, D]
 * @param b [M, D]; the same tensor as `a` costs one product less
 * @throws ShapeError also for options that do not go together (`similarity-options`)
 */
export function similarityLoss(a: Tensor2D, b: Tensor2D, options: SimilarityOptions): Scalar {
  const backend = checked(a, b, options)
  if (backend === null) return similarityTwin(a, b, options)
  const { loss, accuracy } = fusedSimilarityLoss(backend, a, b, options)
  accuracy.dispose()
  return loss
}

/**
 * The same with how often the choice is right, each row as much as it counts in the loss: of one that chooses among the
 * texts of a batch, the share of images whose own text it takes. A tie is not right.
 */
export function similarityContrast(a: Tensor2D, b: Tensor2D, options: SimilarityOptions): Contrast {
  const backend = checked(a, b, options)
  if (backend !== null) return fusedSimilarityLoss(backend, a, b, options)
  return { loss: similarityTwin(a, b, options), accuracy: offTape(() => accuracyTwin(a, b, options)) }
}

/** The backend of the kernel; null for its twin. */
function checked(a: Tensor2D, b: Tensor2D, options: SimilarityOptions): LabBackend | null {
  checkPairs('similarityLoss', a, b, options)
  const { positiveWeights } = options
  if (positiveWeights !== null) checkTensor('similarityLoss positiveWeights', positiveWeights, [a.shape[0]])
  checkTogether(options)
  return fusedBackend('similarity', a, b)
}

function checkTogether(options: SimilarityOptions): void {
  const { directions, denominator, positiveWeights, hardness, positivePrior } = options
  const refuse = (rule: string, got: string, remedy: string): never => {
    throw new ShapeError(`similarityLoss: ${rule}, got ${got}`, { code: 'similarity-options', remedy })
  }
  if (!(hardness >= 0)) refuse('hardness must be at least 0', String(hardness), 'Take 0 for none.')
  if (!(positivePrior >= 0 && positivePrior < 1))
    refuse('positivePrior must be from 0 to below 1', String(positivePrior), 'Take 0 for none.')
  if (positivePrior > 0 && denominator !== 'own')
    refuse('positivePrior needs the denominator own', denominator, 'Choose own.')
  if (directions === 'both' && (denominator === 'own' || positiveWeights !== null))
    refuse(
      'both directions go with the denominators all and none, and without positiveWeights',
      positiveWeights === null ? denominator : 'positiveWeights',
      'Add the losses of (a, b) and (b, a), each with weight 1/2.',
    )
}
