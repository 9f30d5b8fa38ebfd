import { losses } from '../../src/engine/losses/registry.ts'
import { variantsOf, type LossVariant } from './lossRuns.ts'

/** Of these at least one setting looks at every two rows, for some rows at a time. */
const blocked = [
  'alignment-uniformity',
  'clip',
  'clip-distillation',
  'composed-contrastive',
  'contrastive-pair',
  'dynamic-temperature',
  'hard-negatives',
  'koleo',
  'multi-similarity',
  'supervised-contrastive',
  'supervised-contrastive-pairs',
  'triplet-mining',
]

/** What neither a switch nor a choice asks for. */
const others = [
  { id: 'clip', name: 'labelSmoothing', value: 0.2 },
  { id: 'alignment-uniformity', name: 'sharpness', value: 30 },
]

/** All settings of losses that look at every two rows. */
export const blockedLosses: readonly LossVariant[] = [
  ...blocked.flatMap((id) => variantsOf(losses.get(id))),
  ...others.map(({ id, name, value }): LossVariant => {
    const { loss, params } = variantsOf(losses.get(id))[0]!
    return { title: `${id} with ${name} ${value}`, loss, params: { ...params, [name]: value } }
  }),
]
