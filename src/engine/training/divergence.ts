import { DeviceError } from '../../core/errors.ts'

/** Numbers that can no longer be trained with: after which update (from 1), what was seen, and in which tensor. */
export function divergence(options: {
  step: number
  what: string
  tensor: string | null
  learningRate?: number
}): DeviceError {
  const { step, what, tensor, learningRate = null } = options
  return new DeviceError(
    `Training diverged at step ${step}: ${what}${tensor ? `; first non-finite tensor: ${tensor}` : ''}`,
    {
      code: 'non-finite',
      remedy:
        'Lower the learning rate, warm up for longer, or clip the gradient norm, then continue from the last checkpoint or start again.',
      details: { step, tensor: tensor ?? '', learningRate },
    },
  )
}
