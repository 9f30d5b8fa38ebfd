/** How a run grows: settings of a curriculum, and of the strength of augmentation. */
export interface Growth {
  /** Share to begin with. */
  readonly startShare: number
  /** Updates over which it grows to all. */
  readonly overSteps: number
  /** 1 for a line; 2 for the square root. */
  readonly root: number
}

/**
 * What a run has grown to after `step` updates, from `startShare` to 1: min(1, (t/T * (1 - c^p) + c^p)^(1/p)), the root-p
 * competence of Platanios et al. (2019, equation 7; p = 2 in their experiments). A pure function of the step.
 */
export function competence({ startShare, overSteps, root }: Growth, step: number): number {
  if (step >= overSteps) return 1
  const first = startShare ** root
  return Math.min(1, ((step / overSteps) * (1 - first) + first) ** (1 / root))
}
