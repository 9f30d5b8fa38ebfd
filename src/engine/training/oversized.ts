import { DeviceError } from '../../core/errors.ts'
import type { DataFacts } from '../../core/dataFacts.ts'
import { formatBytes } from '../../core/formatBytes.ts'
import type { RunConfig, StageConfig } from '../../core/runConfig.ts'
import type { BufferLimit } from '../backend/bufferLimit.ts'
import { largestTensor, largestWeight, limitOf, type PlannedTensor } from './memoryPlan.ts'
import type { DeviceInfo } from './types.ts'

/**
 * Why a config cannot run on a device: a weight, or what an update of a stage makes, that no buffer of it can hold; null
 * where all fit. WebGPU tells no more than the size of one buffer: that all of them together fit is not known before they
 * are made.
 */
export function oversizedTensor(config: RunConfig, facts: DataFacts, device: DeviceInfo): DeviceError | null {
  const limit = limitOf(device)
  if (limit === null) return null
  // A weight first, which no smaller batch helps.
  const weight = oversizedWeight(config, facts, device)
  if (weight !== null) return weight
  for (const [index, stage] of config.stages.entries()) {
    const tensor = largestTensor(config, index, { facts, device })
    if (tensor.sizeBytes > limit.bytes) return tooLarge(tensor, limit, remedyFor(tensor, stage, limit.bytes))
  }
  return null
}

/** The same of weights alone, for which nothing has to be recorded. */
export function oversizedWeight(
  config: RunConfig,
  facts: DataFacts,
  device: Pick<DeviceInfo, 'backend' | 'limits'>,
): DeviceError | null {
  const limit = limitOf(device)
  const weight = largestWeight(config, facts)
  if (limit === null || weight.sizeBytes <= limit.bytes) return null
  return tooLarge(weight, limit, 'Lower the width, or take a tokenizer with fewer tokens.')
}

function tooLarge(
  { name, shape, sizeBytes }: PlannedTensor,
  limit: BufferLimit,
  remedy: string,
): DeviceError {
  return new DeviceError(
    `Memory plan: one buffer must stay within the ${formatBytes(limit.bytes)} of this adapter’s ${limit.name}, got ${formatBytes(sizeBytes)} for ${name} [${shape.join(', ')}]`,
    {
      code: 'buffer-too-large',
      remedy,
      details: { tensor: name, sizeBytes, limit: limit.name, allowedBytes: limit.bytes },
    },
  )
}

/** What a batch makes is as large as the batch, or as its square. */
function remedyFor({ name, sizeBytes }: PlannedTensor, stage: StageConfig, allowed: number): string {
  const other = name === 'logits' ? 'take a tokenizer with fewer tokens' : 'lower the width'
  const fitting = Math.floor((stage.batchSize * allowed) / sizeBytes)
  return fitting === 0
    ? `Shorten the context, or ${other}.`
    : `Choose a batch size of at most ${fitting} (accumulation makes up for it), shorten what the model reads, or ${other}.`
}
