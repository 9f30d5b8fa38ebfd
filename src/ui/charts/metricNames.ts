import type { CatalogEntry, TaskEntry } from '../../core/catalog.ts'

/** How a metric is called and written. */
export interface MetricName {
  title: string
  unit: string
  /** Panels stand in this order; unknown metrics come between the losses and the machine's own. */
  rank: number
}

/** What no task reports. */
const known: Record<string, MetricName> = {
  loss: { title: 'Loss', unit: '', rank: 0 },
  learningRate: { title: 'Learning rate', unit: '', rank: 20 },
  gradNorm: { title: 'Gradient norm', unit: '', rank: 21 },
  tokensPerSecond: { title: 'Tokens/s', unit: '', rank: 22 },
  itemsPerSecond: { title: 'Items/s', unit: '', rank: 22 },
  stepsPerSecond: { title: 'Steps/s', unit: '', rank: 32 },
}
/** The validation loss in other units. */
const otherUnits: Readonly<Record<string, number>> = { perplexity: 30, bitsPerToken: 31 }
const reported = new Map<string, MetricName>()

const lossTitles = new Map<string, string>()

interface Named {
  readonly tasks: readonly Pick<TaskEntry, 'metrics'>[]
  readonly losses: readonly Pick<CatalogEntry, 'id' | 'title'>[]
}

/** Takes over what losses and the metrics of tasks are called, these in their order. */
export function nameMetrics({ tasks, losses }: Named): void {
  for (const { id, title } of losses) lossTitles.set(id, title)
  for (const { metrics } of tasks)
    metrics.forEach(({ name, label }, i) => {
      const { measure } = splitMetric(name)
      const rank = otherUnits[measure] ?? 1 + i / 100
      if (!reported.has(measure)) reported.set(measure, { title: label, unit: '', rank })
    })
}

/** `validation/loss` is the loss on held-out data; a metric without a slash has no part. */
export function splitMetric(metric: string): { part: string; measure: string } {
  const slash = metric.indexOf('/')
  if (slash < 0) return { part: '', measure: metric }
  return { part: metric.slice(0, slash), measure: metric.slice(slash + 1) }
}

export function metricName(measure: string): MetricName {
  const own = known[measure] ?? reported.get(measure)
  return own ?? { title: termTitle(measure) ?? sentence(measure), unit: '', rank: 10 }
}

/**
 * `nt-xent/accuracy` is "NT-Xent accuracy", `clip` is "CLIP"; of a loss that a stage has twice the second is `clip.2`. null for
 * what is of no loss.
 */
function termTitle(measure: string): string | null {
  const { part, measure: term } = splitMetric(measure)
  const key = part === '' ? term : part
  const [, id = key, again = ''] = lossTitles.has(key) ? [] : (/^(.+)\.(\d+)$/.exec(key) ?? [])
  const title = lossTitles.get(id)
  if (title === undefined) return null
  const numbered = again === '' ? title : `${title} ${again}`
  return part === '' ? numbered : `${numbered} ${withinSentence(sentence(term))}`
}

/** "Validation loss", "Learning rate". */
export function metricTitle(metric: string): string {
  const { part, measure } = splitMetric(metric)
  const { title } = metricName(measure)
  return part === '' ? title : `${sentence(part)} ${withinSentence(title)}`
}

/** "Loss" becomes "loss", "BLEU" stays. */
export function withinSentence(title: string): string {
  return /^\p{Lu}\p{Ll}/u.test(title) ? title.charAt(0).toLowerCase() + title.slice(1) : title
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
