import type { ParameterSpec } from '../nn/parameter.ts'

/** The setting that says which weights an optimizer pulls towards zero. */
export const decayOnField = {
  type: 'choice',
  label: 'Decay of',
  help: 'Which weights are pulled.',
  default: 'matrices',
  isAdvanced: true,
  options: [
    { value: 'matrices', label: 'Matrices', help: 'Not norms, biases and embeddings.' },
    { value: 'matrices-and-embeddings', label: 'Matrices and embeddings', help: 'As nanoGPT.' },
    { value: 'everything', label: 'Everything', help: 'As a bare torch optimizer.' },
  ],
} as const

/** The decay of weights of this kind. */
export function decayOf(
  { weightDecay, decayOn }: { weightDecay: number; decayOn: string },
  kind: ParameterSpec['kind'],
): number {
  const isDecayed =
    kind === 'matrix' ||
    kind === 'head' ||
    decayOn === 'everything' ||
    (kind === 'embedding' && decayOn !== 'matrices')
  return isDecayed ? weightDecay : 0
}
