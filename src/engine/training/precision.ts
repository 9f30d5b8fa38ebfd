import { DeviceError } from '../../core/errors.ts'
import type { RunConfig, StageConfig } from '../../core/runConfig.ts'
import { LabBackend } from '../backend/labBackend.ts'
import type { StoredType } from '../backend/storedType.ts'
import { backend as currentBackend } from '../backend/tfjs.ts'
import { isSwitchedOff } from '../kernels/mode.ts'
import type { DeviceInfo } from './types.ts'

/** How a stage's updates store what their forward pass makes. */
export function storedIn({ precision }: Pick<StageConfig, 'precision'>): StoredType {
  return precision === 'mixed' ? 'f16' : 'f32'
}

/**
 * Why a config cannot train on a device, the current one: a stage asks for f16, which its shaders do not have, or which
 * the self-test found wrong there; null where all is well.
 */
export function precisionProblem(
  { stages }: Pick<RunConfig, 'stages'>,
  { name, features }: Pick<DeviceInfo, 'name' | 'features'>,
): DeviceError | null {
  const backend = currentBackend()
  const isWrong = backend instanceof LabBackend && isSwitchedOff(backend, 'half')
  if (features.includes('shader-f16') && !isWrong) return null
  const index = stages.findIndex((stage) => storedIn(stage) === 'f16')
  if (index === -1) return null
  return new DeviceError(
    `Precision of stage ${index + 1}: “mixed” needs an adapter with shader-f16, got ${name} ${isWrong ? 'whose kernels for it failed the self-test' : 'without it'}`,
    {
      code: 'no-half-precision',
      remedy: 'Choose “32-bit float” as the stage’s precision, or train on another adapter.',
      details: { stage: index + 1, adapter: name },
    },
  )
}
