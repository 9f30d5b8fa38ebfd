/** How a metric is called and written. */
export interface MetricName {
  title: string
  unit: string
  /** Panels stand in this order; unknown metrics come between the losses and the machine's own. */
  rank: number
}

const known: Record<string, MetricName> = {
  loss: { title: 'Loss', unit: '', rank: 0 },
  accuracy: { title: 'Accuracy', unit: '', rank: 1 },
  macroF1: { title: 'Macro F1', unit: '', rank: 2 },
  meanAbsoluteError: { title: 'Mean absolute error', unit: '', rank: 3 },
  rootMeanSquaredError: { title: 'Root mean squared error', unit: '', rank: 4 },
  rSquared: { title: 'R²', unit: '', rank: 5 },
  calibrationError: { title: 'Calibration error', unit: '', rank: 6 },
  learningRate: { title: 'Learning rate', unit: '', rank: 20 },
  gradNorm: { title: 'Gradient norm', unit: '', rank: 21 },
  tokensPerSecond: { title: 'Tokens/s', unit: '', rank: 22 },
  itemsPerSecond: { title: 'Items/s', unit: '', rank: 22 },
  // The validation loss and the pace in other units.
  perplexity: { title: 'Perplexity', unit: '', rank: 30 },
  bitsPerToken: { title: 'Bits per token', unit: '', rank: 31 },
  stepsPerSecond: { title: 'Steps/s', unit: '', rank: 32 },
}

/** `validation/loss` is the loss on held-out data; a metric without a slash has no part. */
export function splitMetric(metric: string): { part: string; measure: string } {
  const slash = metric.indexOf('/')
  if (slash < 0) return { part: '', measure: metric }
  return { part: metric.slice(0, slash), measure: metric.slice(slash + 1) }
}

export function metricName(measure: string): MetricName {
  return known[measure] ?? { title: sentence(measure), unit: '', rank: 10 }
}

/** "Validation loss", "Learning rate". */
export function metricTitle(metric: string): string {
  const { part, measure } = splitMetric(metric)
  const { title } = metricName(measure)
  return part === '' ? title : `${sentence(part)} ${title.toLowerCase()}`
}

/** `recallAt5` becomes "Recall at 5". */
function sentence(name: string): string {
  const words = name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll(/([a-zA-Z])(\d)/g, '$1 $2')
    .replaceAll(/[-_/]+/g, ' ')
    .toLowerCase()
  return words.charAt(0).toUpperCase() + words.slice(1)
}
