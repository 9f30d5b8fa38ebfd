import { DeviceError } from '../../core/errors.ts'
import type { RunConfig, StageConfig } from '../../core/runConfig.ts'
import type { StoredType } from '../backend/storedType.ts'
import type { DeviceInfo } from './types.ts'

/** How a stage's updates store what their forward pass makes. */
export function storedIn({ precision }: Pick<StageConfig, 'precision'>): StoredType {
  return precision === 'mixed' ? 'f16' : 'f32'
}

/** Why a config cannot train on a device: a stage asks for f16, which its shaders do not have; null where all is well. */
export function precisionProblem(
  { stages }: Pick<RunConfig, 'stages'>,
  { name, features }: Pick<DeviceInfo, 'name' | 'features'>,
): DeviceError | null {
  if (features.includes('shader-f16')) return null
  const index = stages.findIndex((stage) => storedIn(stage) === 'f16')
  if (index === -1) return null
  return new DeviceError(
    `Precision of stage ${index + 1}: “mixed” needs an adapter with shader-f16, got ${name} without it`,
    {
      code: 'no-half-precision',
      remedy: 'Choose “32-bit float” as the stage’s precision, or train on another adapter.',
      details: { stage: index + 1, adapter: name },
    },
  )
}
