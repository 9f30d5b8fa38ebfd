/** Settings of Adam's running means, which other optimizers have too. */
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
