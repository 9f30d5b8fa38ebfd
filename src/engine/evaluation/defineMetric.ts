/** A number that is read off the mean loss of a set of tokens. */
export interface MetricSpec {
  readonly id: string
  readonly label: string
  readonly better: 'lower' | 'higher'
  /** `meanLoss`: in nats a token. Only plain cross-entropy has the meaning that the metric's name promises. */
  fromLoss(meanLoss: number): number
}

export function defineMetric(metric: MetricSpec): MetricSpec {
  return metric
}
