/** Settings that optimizers share: spread one, with the help and the default that suit. */
export const learningRateField = {
  type: 'number',
  label: 'Learning rate',
  min: 0,
  max: 1e6,
  scale: 'log',
  isLive: true,
} as const

export const weightDecayField = {
  type: 'number',
  label: 'Weight decay',
  help: 'Pull of weights towards zero, added to the gradients.',
  default: 0,
  min: 0,
  max: 10,
  step: 0.01,
} as const

export const momentumField = {
  type: 'number',
  label: 'Momentum',
  help: 'Share of the last step that goes on.',
  default: 0,
  min: 0,
  max: 0.9999,
  step: 0.05,
} as const

/** Of Adam's running means. */
export const beta1Field = {
  type: 'number',
  label: 'Beta 1',
  help: 'Memory of the running mean of gradients.',
  default: 0.9,
  min: 0,
  max: 0.99999,
  isAdvanced: true,
} as const

export const beta2Field = {
  type: 'number',
  label: 'Beta 2',
  help: 'Memory of the running mean of squared gradients; 0.95 suits language models, 0.999 small noisy batches.',
  default: 0.95,
  min: 0,
  max: 0.999999,
  isAdvanced: true,
} as const

export const epsilonField = {
  type: 'number',
  label: 'Epsilon',
  help: 'Added to the denominator so that nothing is divided by zero.',
  default: 1e-8,
  min: 0,
  max: 1,
  scale: 'log',
  isAdvanced: true,
} as const
