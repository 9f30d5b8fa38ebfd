import type { ConfigRecord } from '../engine/ops/typedConfig.ts'

/** A loss of the MultiModal Insight Engine, one of the systems that this lab succeeds. */
export interface KnownElsewhere {
  /** Its number in the catalogue of that system. */
  readonly row: number
  readonly name: string
  /** What it is here: a loss with settings, or several that are added up. */
  readonly losses: readonly {
    readonly name: string
    readonly params: ConfigRecord
    readonly weight: number
  }[]
  /** What is otherwise, or was left out as a fault; empty for nothing. */
  readonly note: string
}

const one = (name: string, params: ConfigRecord = {}, weight = 1): KnownElsewhere['losses'][number] => ({
  name,
  params,
  weight,
})

/** Every loss of that catalogue, in its published form where the code had another one. */
export const knownElsewhere: readonly KnownElsewhere[] = [
  {
    row: 1,
    name: 'SimCLRLoss',
    losses: [one('clip')],
    note: 'Two modalities; views of one kind take `nt-xent`. All positives count, not one at random; no noise on similarities.',
  },
  {
    row: 2,
    name: 'CLIPLoss',
    losses: [one('clip', { isTemperatureLearned: true, labelSmoothing: 0.1 })],
    note: 'Smoothed targets have sum 1.',
  },
  {
    row: 3,
    name: 'MemoryQueueContrastiveLoss',
    losses: [one('moco', { hasBatchNegatives: true, isSymmetric: true, emptyFactor: 1.3, queueSize: 8192 })],
    note: 'Keys are a momentum encoder’s; empty places and equal ids do not count, in place of weights on the queue’s scores.',
  },
  {
    row: 4,
    name: 'EMAMoCoLoss',
    losses: [one('moco', { hasBatchNegatives: true, isSymmetric: true, queueSize: 65536 })],
    note: 'Keys join the queue after the loss.',
  },
  {
    row: 5,
    name: 'DynamicTemperatureLoss',
    losses: [one('dynamic-temperature')],
    note: 'No gradient goes through the temperature; partners are among the positives.',
  },
  {
    row: 6,
    name: 'HardNegativeLoss',
    losses: [one('hard-negatives', { strategy: 'semi-hard', weight: 2 })],
    note: '`debiased-contrastive` weighs by e^(β·s).',
  },
  {
    row: 7,
    name: 'DecoupledLoss',
    losses: [
      one('composed-contrastive', { joins: 'log-sum' }),
      one('alignment-uniformity', { alignmentWeight: 0, uniformityWeight: 1 }),
    ],
    note: 'The published loss of that name is `decoupled-contrastive`.',
  },
  {
    row: 8,
    name: 'DecoupledContrastiveLoss',
    losses: [one('composed-contrastive', { reducer: 'pairs' })],
    note: 'Partners are among the positives, without which it was 0. The published loss of that name is `decoupled-contrastive`.',
  },
  {
    row: 9,
    name: 'SimpleContrastiveLoss',
    losses: [
      one('clip', { temperature: 0.1 }),
      one('alignment-uniformity', { alignmentWeight: 1, uniformityWeight: 0 }, 0.5),
      one('decorrelation', {}, 0.2),
    ],
    note: 'Squared distances are added up over features, not averaged.',
  },
  { row: 10, name: 'MixedMultimodalLoss', losses: [one('mixed-multimodal')], note: '' },
  {
    row: 11,
    name: 'MultiModalMixedContrastiveLoss',
    losses: [one('clip'), one('hard-negatives'), one('cross-entropy'), one('binary-cross-entropy')],
    note: 'One by one in a stage, as far as a task gives what they accept.',
  },
  {
    row: 12,
    name: 'SupervisedContrastiveLoss',
    losses: [one('supervised-contrastive-pairs')],
    note: 'Partners are positives between the sides. The factor T/T₀ is the weight of the loss. Several labels: `multi-label-contrastive`.',
  },
  {
    row: 13,
    name: 'nt_xent_loss',
    losses: [one('nt-xent', { temperature: 0.07 })],
    note: 'Normalises its rows.',
  },
  {
    row: 14,
    name: 'supervised_contrastive_loss',
    losses: [one('supervised-contrastive', { temperature: 0.07 })],
    note: 'Anchors without a positive do not count.',
  },
  {
    row: 15,
    name: 'SupervisedAlignmentLoss',
    losses: [one('diverse-contrastive')],
    note: 'The spread is that of unit rows over all features, between 0 and 1 whatever their number.',
  },
  {
    row: 16,
    name: 'VICRegLoss',
    losses: [one('vicreg', { rampSteps: 1000 })],
    note: 'The ramp ends at the weights that are set; distances are those of rows as they are.',
  },
  {
    row: 17,
    name: 'BarlowTwinsLoss',
    losses: [one('barlow-twins')],
    note: 'Features are standardised. Mode within_batch: `correlates` `within`.',
  },
  {
    row: 18,
    name: 'HybridPretrainVICRegLoss',
    losses: [one('contrastive-to-vicreg')],
    note: 'The gap is waited for so long and no longer; projections belong to the model.',
  },
  {
    row: 19,
    name: 'DecorrelationLoss',
    losses: [one('decorrelation', { measure: 'covariance' })],
    note: 'Rows are not normalised first; correlations do not depend on scale either.',
  },
  {
    row: 20,
    name: 'FeatureConsistencyLoss',
    losses: [one('feature-consistency')],
    note: 'The reference is the stage’s averaged weights.',
  },
  {
    row: 21,
    name: 'CrossEntropyLoss, MeanSquaredError',
    losses: [one('cross-entropy', { labelSmoothing: 0.1 }), one('mean-squared-error')],
    note: 'Gradients are clipped, not values of losses.',
  },
  {
    row: 22,
    name: 'LabelSmoothing',
    losses: [one('sequence-cross-entropy', { labelSmoothing: 0.1, paddingToken: 0 })],
    note: 'Nothing is put on padding, and the likelihood without smoothing is reported, too.',
  },
  {
    row: 23,
    name: 'CombinedLoss',
    losses: [one('clip'), one('vicreg', {}, 0.5), one('decorrelation', {}, 0.3)],
    note: 'Any losses of a stage, added up by their weights.',
  },
  {
    row: 24,
    name: 'MultitaskLoss',
    losses: [one('clip'), one('decorrelation')],
    note: 'Any losses of a stage with `lossBalance` `uncertainty`, `averages` or `gradient-norms`.',
  },
  {
    row: 25,
    name: 'Reward, PPO and constitutional losses',
    losses: [one('dpo')],
    note: 'Preferences are learned without a reward model; reward models and PPO are not offered.',
  },
  {
    row: 26,
    name: 'Distillation',
    losses: [one('distillation', { temperature: 2, alpha: 0.5 })],
    note: '',
  },
]
