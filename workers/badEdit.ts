import { ConfigError } from '../src/core/errors.ts'

export function badLearningRate(value: number): ConfigError {
  return new ConfigError(`Learning rate: must be a number from 0, got ${value}`, {
    code: 'invalid-learning-rate',
    remedy: 'The run goes on with the one that it has.',
  })
}

export function badLossWeight(value: number): ConfigError {
  return new ConfigError(`Weight of a loss: must be a number from 0, got ${value}`, {
    code: 'invalid-loss-weight',
    remedy: 'The run goes on with the one that it has.',
  })
}
