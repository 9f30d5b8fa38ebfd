import type { Issue } from '../../../core/schema.ts'

/** Settings of heads as they stand in a config. */
export interface HeadSettings {
  readonly embedDim: number
  readonly numHeads: number
  /** 0 for as many as heads. */
  readonly numKeyHeads: number
}

/** What of a transformer's heads does not fit together. */
export function headIssues({ embedDim, numHeads, numKeyHeads }: HeadSettings): Issue[] {
  if (embedDim % numHeads !== 0) {
    const fitting = divisorAtMost(embedDim, numHeads)
    return [
      {
        path: ['embedDim'],
        message: `must be a multiple of numHeads (${numHeads}), got ${embedDim}; take ${Math.ceil(embedDim / numHeads) * numHeads}, or ${fitting} heads`,
      },
    ]
  }
  if (numKeyHeads !== 0 && numHeads % numKeyHeads !== 0) {
    return [
      {
        path: ['numKeyHeads'],
        message: `must divide numHeads (${numHeads}), got ${numKeyHeads}; take ${divisorAtMost(numHeads, numKeyHeads)}, or 0 for as many`,
      },
    ]
  }
  return []
}

function divisorAtMost(product: number, most: number): number {
  let factor = Math.min(product, most)
  while (product % factor !== 0) factor--
  return factor
}

/** What of positions does not fit the widths. */
export function positionIssues(
  positions: string,
  { embedDim, numHeads }: Pick<HeadSettings, 'embedDim' | 'numHeads'>,
): Issue[] {
  const headDim = embedDim / numHeads
  if (positions !== 'rotary' || headDim % 2 === 0) return []
  return [
    {
      path: ['positions'],
      message: `rotary needs an even width of a head, got ${embedDim} / ${numHeads} = ${headDim}; change embedDim or numHeads, or take learned positions`,
    },
  ]
}
