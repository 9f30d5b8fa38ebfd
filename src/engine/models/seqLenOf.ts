import { ConfigError } from '../../core/errors.ts'
import type { RunConfig } from '../../core/runConfig.ts'
import { models } from './registry.ts'

/**
 * Most tokens that a config's model sees at once.
 * @throws ConfigError `no-sequences` where it reads none
 */
export function seqLenOf({ model }: RunConfig): number {
  const length = models.get(model.kind).seqLen(model)
  if (length !== null) return length
  throw new ConfigError(`Model ${model.kind}: must read sequences here, and does not`, {
    code: 'no-sequences',
    remedy: 'Take a model of sequences, such as gpt.',
  })
}
