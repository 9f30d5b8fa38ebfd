import { elementCount } from '../../core/hostTensor.ts'
import type { RunConfig } from '../../core/runConfig.ts'
import type { DataSizes } from './modelInputs.ts'
import { models } from './registry.ts'

/** Number of trained numbers in a config's model. No tensors are made. */
export function parameterCount(config: RunConfig, sizes: DataSizes): number {
  const specs = models.get(config.model.kind).parameters(config.model, sizes)
  return specs.reduce((sum, { shape }) => sum + elementCount(shape), 0)
}
