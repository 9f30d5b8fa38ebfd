import { DeviceError } from '../../core/errors.ts'
import type { DataFacts } from '../../core/dataFacts.ts'
import { formatBytes } from '../../core/formatBytes.ts'
import type { RunConfig, StageConfig } from '../../core/runConfig.ts'
import { largeTensors, limitOf, type PlannedTensor } from './memoryPlan.ts'
import type { DeviceInfo } from './types.ts'

/**
 * Why a config cannot run on a device: a tensor that no buffer of it can hold; null where all fit. WebGPU tells no more
 * than the size of one buffer: that all of them together fit is not known before they are made.
 */
export function oversizedTensor(
  config: RunConfig,
  facts: DataFacts,
  device: Pick<DeviceInfo, 'backend' | 'limits'>,
): DeviceError | null {
  const limit = limitOf(device)
  if (limit === null) return null
  for (const stage of config.stages) {
    const tooLarge = largeTensors(config, stage, facts).filter(({ sizeBytes }) => sizeBytes > limit.bytes)
    // A weight first, which no smaller batch helps; else the largest, so that what helps it helps all.
    const tensor =
      tooLarge.find(({ kind }) => kind === 'weight') ??
      tooLarge.sort((a, b) => b.sizeBytes - a.sizeBytes).at(0)
    if (tensor === undefined) continue
    const { name, shape, sizeBytes } = tensor
    return new DeviceError(
      `Memory plan: one buffer must stay within the ${formatBytes(limit.bytes)} of this adapter’s ${limit.name}, got ${formatBytes(sizeBytes)} for ${name} [${shape.join(', ')}]`,
      {
        code: 'buffer-too-large',
        remedy: remedyFor(tensor, stage, limit.bytes),
        details: { tensor: name, sizeBytes, limit: limit.name, allowedBytes: limit.bytes },
      },
    )
  }
  return null
}

function remedyFor({ name, sizeBytes, kind }: PlannedTensor, stage: StageConfig, allowed: number): string {
  if (kind === 'weight') return 'Lower the width, or take a tokenizer with fewer tokens.'
  if (name === 'a part of the logits') return 'Take a tokenizer with fewer tokens.'
  const other = name === 'logits' ? 'take a tokenizer with fewer tokens' : 'lower the width'
  const fitting = Math.floor((stage.batchSize * allowed) / sizeBytes)
  return fitting === 0
    ? `Shorten the context, or ${other}.`
    : `Choose a batch size of at most ${fitting} (accumulation makes up for it), shorten the context, or ${other}.`
}
