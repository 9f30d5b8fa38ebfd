import { BunsenError } from '../../../core/errors.ts'
import type { Fields } from '../../../core/schema.ts'
import { tensor1d, type Tensor1D } from '../../backend/tfjs.ts'
import type { LossInputs } from '../lossInputs.ts'

/** Settings of how much each class counts. */
export const classWeightFields = {
  classWeights: {
    type: 'choice',
    label: 'Class weights',
    help: 'How much an item counts, by how many of the training part are of its class.',
    default: 'none',
    options: [
      { value: 'none', label: 'None', help: 'Every item counts as much.' },
      { value: 'balanced', label: 'Balanced', help: 'n / (K·n_c): every class counts as much in all.' },
      {
        value: 'effective-number',
        label: 'Effective number',
        help: '(1 − β) / (1 − β^n_c), with a mean of 1: between both, for classes whose items are much alike.',
      },
    ],
    isAdvanced: true,
    link: 'https://arxiv.org/abs/1901.05555',
  },
  effectiveBeta: {
    type: 'number',
    label: 'Beta of the effective number',
    help: '0 is no weights; the nearer to 1, the more rare classes count.',
    default: 0.999,
    min: 0,
    max: 0.999999,
    isAdvanced: true,
  },
} as const satisfies Fields

interface ClassWeighting {
  readonly classWeights: (typeof classWeightFields.classWeights.options)[number]['value']
  readonly effectiveBeta: number
}

export function isWeighted({ classWeights }: Pick<ClassWeighting, 'classWeights'>): boolean {
  return classWeights === 'balanced' || classWeights === 'effective-number'
}

/**
 * [C]: how much each class counts, by its n_c items of the training part. A class without any counts as if it had one, so
 * that validation may have it.
 */
export function weightsOfCounts(
  { classWeights, effectiveBeta }: ClassWeighting,
  counts: readonly number[],
): number[] {
  const seen = counts.map((count) => Math.max(1, count))
  if (classWeights === 'balanced') {
    const total = seen.reduce((sum, count) => sum + count, 0)
    return seen.map((count) => total / (seen.length * count))
  }
  // 1 - β^n without cancelling where β is near 1 (Cui et al. 2019).
  const inverse = seen.map((count) =>
    effectiveBeta === 0 ? 1 : (1 - effectiveBeta) / -Math.expm1(count * Math.log(effectiveBeta)),
  )
  const sum = inverse.reduce((all, weight) => all + weight, 0)
  return inverse.map((weight) => (weight * inverse.length) / sum)
}

/**
 * The weights of classes that the input brings along, else those that the settings make of its counts; null for none.
 * @throws BunsenError `loss-input` where there are no counts
 */
export function classWeightsOf(
  id: string,
  params: ClassWeighting,
  { classWeights = null, classCounts = null }: Pick<LossInputs['classes'], 'classWeights' | 'classCounts'>,
): Tensor1D | null {
  if (classWeights !== null || !isWeighted(params)) return classWeights
  if (classCounts !== null) return tensor1d(weightsOfCounts(params, classCounts))
  throw new BunsenError(
    `Loss ${id}: class weights ${params.classWeights} need how many items each class has, which nobody counted`,
    { code: 'loss-input', remedy: 'Set classWeights to none.' },
  )
}
