import { DataError } from '../../core/errors.ts'
import type { StageConfig } from '../../core/runConfig.ts'
import { showValue } from '../../core/showValue.ts'

/** How the towers of a model are held in balance, beside its tensors: kept with a checkpoint. */
export interface TowerProgress {
  /** Factor on the learning rate of each tower, in the model's order. */
  rates: number[]
  /** Gradient norms of each since the factors were last set, added up, and of how many updates. */
  sums: number[]
  count: number
}

type Settings = StageConfig['towerBalance']

export function isBalanced({ towerBalance }: Pick<StageConfig, 'towerBalance'>): boolean {
  return towerBalance.kind !== 'none'
}

export function freshTowers(count: number): TowerProgress {
  return { rates: new Array<number>(count).fill(1), sums: new Array<number>(count).fill(0), count: 0 }
}

/** Takes in the gradient norms of an update. */
export function addNorms(progress: TowerProgress, norms: readonly number[]): void {
  norms.forEach((norm, tower) => (progress.sums[tower]! += norm))
  progress.count++
}

/**
 * Factors on the towers' learning rates, from the lengths g of their gradients: at most 1, and the longer the gradient the
 * smaller. r = g / the shortest one. `gradient-ratio`: r^-strength. `gradient-modulation`: 1 - tanh(strength * r) where
 * r > 1 (Peng et al. 2022, OGM-GE, equation 10; their r compares what each modality scores, which contrastive towers do not,
 * and their noise, GE, is left out). A tower without a gradient is frozen, and none of the others is compared with it.
 */
export function ratesFor(settings: Settings, norms: readonly number[]): number[] {
  const learning = norms.filter((norm) => norm > 0)
  if (settings.kind === 'none' || learning.length < 2) return norms.map(() => 1)
  const { strength, floor } = settings
  const shortest = Math.min(...learning)
  return norms.map((norm) => {
    const ratio = norm / shortest
    if (!(ratio > 1)) return 1
    const rate = settings.kind === 'gradient-ratio' ? ratio ** -strength : 1 - Math.tanh(strength * ratio)
    return Math.max(floor, rate)
  })
}

/**
 * What a checkpoint says about the balance of towers, checked: it comes from outside.
 * @throws DataError `checkpoint-invalid`
 */
export function parseTowers(value: unknown): TowerProgress | null {
  if (value === undefined || value === null) return null
  const { rates, sums, count } = typeof value === 'object' ? (value as Record<string, unknown>) : {}
  const isSound =
    areNumbers(rates) &&
    areNumbers(sums) &&
    rates.length === sums.length &&
    rates.every((rate) => rate <= 1) &&
    Number.isSafeInteger(count) &&
    (count as number) >= 0
  if (isSound) return { rates, sums, count: count as number }
  throw new DataError(
    `checkpoint: trainer.towers must hold factors up to 1, sums and a count, got ${showValue(value)}`,
    {
      code: 'checkpoint-invalid',
      remedy: 'The file is damaged: take another copy of it.',
      details: { field: 'trainer.towers' },
    },
  )
}

function areNumbers(value: unknown): value is number[] {
  return (
    Array.isArray(value) && value.length <= 16 && value.every((each) => Number.isFinite(each) && each >= 0)
  )
}
