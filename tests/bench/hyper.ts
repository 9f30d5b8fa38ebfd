/** AdamW of all contenders; every weight is decayed. */
export const hyper = { learningRate: 1e-3, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1 } as const

/** Of every norm of every model. */
export const normEpsilon = 1e-5

/** Of weights and batches. */
export const seed = 1
