import type { SessionMemory, TrainEvent } from '../../workers/protocol.ts'
import { isListOf, isRecord, isText } from '../core/predicates.ts'
import type { LogEntry } from '../storage/types.ts'

type Fields = Record<string, unknown>
/** Metrics may be NaN. */
const isNumber = (value: unknown) => typeof value === 'number'

const memoryKinds: readonly (keyof SessionMemory)[] = [
  'parameters',
  'gradients',
  'optimizer',
  'activations',
  'workspace',
  'other',
]

/** What a run's page relies on, by type of event. */
const checks: Record<TrainEvent['type'], (event: Fields) => boolean> = {
  phase: ({ phase }) => isRecord(phase),
  status: ({ status }) => isText(status),
  metrics: ({ values, elapsedMs }) =>
    isRecord(values) && Object.values(values).every(isNumber) && isNumber(elapsedMs),
  sample: ({ prompt, text }) => isText(prompt) && isText(text),
  checkpoint: ({ slot, sizeBytes }) => isText(slot) && isNumber(sizeBytes),
  // Earlier versions knew fewer kinds of memory.
  profile: ({ profile }) =>
    isRecord(profile) &&
    isRecord(profile['memory']) &&
    memoryKinds.every((kind) => isNumber((profile['memory'] as Fields)[kind])),
  view: ({ view }) => isRecord(view) && isView(view),
  stage: ({ index, fromStep }) => isNumber(index) && isNumber(fromStep),
  edit: ({ setting, value }) => isText(setting) && isNumber(value),
  notice: ({ level, title, detail, batch, sinceStep }) =>
    [level, title, detail].every(isText) &&
    (batch === undefined || isKeptBatch(batch)) &&
    (sinceStep === undefined || isNumber(sinceStep)),
  error: ({ error }) => isRecord(error) && isText(error['message']) && isText(error['remedy']),
}

function isView({
  kind,
  classes,
  counts,
  mistakes,
  points,
  figures,
  rows,
  byWords,
  byPicture,
  texts,
  labels,
  items,
}: Fields): boolean {
  if (kind === 'translations') return isListOf(texts, isWrittenText)
  if (kind === 'hidden-tokens') return isListOfLists(texts, (piece) => isText(piece) || isHiddenPlace(piece))
  if (kind === 'predictions')
    return (
      Array.isArray(points) &&
      points.every((point) => Array.isArray(point)) &&
      (figures === undefined || isValuesReport(figures))
    )
  if (kind === 'label-sets') {
    const areLabels = isListOf(
      labels,
      ({ name, right, said, both }) => isText(name) && [right, said, both].every(isNumber),
    )
    const isGuess = ({ label, probability }: Fields) => isText(label) && isNumber(probability)
    return areLabels && isListOf(items, ({ guesses }) => isListOf(guesses, isGuess))
  }
  if (kind === 'search')
    return [byWords, byPicture].every((lists) =>
      isListOf(lists, ({ query, found }) => isRecord(query) && isListOf(found, isRecord)),
    )
  if (kind === 'neighbours')
    return isListOf(rows, ({ query, nearest }) => isRecord(query) && isListOf(nearest, isRecord))
  return (
    kind === 'confusion' &&
    Array.isArray(classes) &&
    counts instanceof Int32Array &&
    counts.length === classes.length ** 2 &&
    Array.isArray(mistakes) &&
    mistakes.every(isRecord)
  )
}

function isValuesReport(report: unknown): boolean {
  if (!isRecord(report)) return false
  const { items, medianAbsoluteError, pearson, spearman, kendall } = report
  const isCorrelation = (value: unknown) => value === null || isNumber(value)
  return isNumber(items) && isNumber(medianAbsoluteError) && [pearson, spearman, kendall].every(isCorrelation)
}

function isKeptBatch(batch: unknown): boolean {
  if (!isRecord(batch)) return false
  const { step, of, places, shown, losses, targets } = batch
  const all = (list: unknown, isSound: (entry: unknown) => boolean) =>
    Array.isArray(list) && list.every(isSound)
  if (losses !== undefined && !all(losses, isNumber)) return false
  if (targets !== undefined && !all(targets, (target) => target === null || isText(target))) return false
  return isNumber(step) && isText(of) && all(places, isNumber) && isListOf(shown, ({ kind }) => isText(kind))
}

function isListOfLists(lists: unknown, check: (piece: unknown) => boolean): boolean {
  return Array.isArray(lists) && lists.every((list) => Array.isArray(list) && list.every(check))
}

function isHiddenPlace(place: unknown): boolean {
  if (!isRecord(place)) return false
  const { right, read, guesses, rightProbability } = place
  const areTexts = isText(right) && (read === null || isText(read))
  const areGuesses = isListOf(guesses, ({ token, probability }) => isText(token) && isNumber(probability))
  return areTexts && areGuesses && isNumber(rightProbability)
}

function isWrittenText({ source, right, said, attention }: Fields): boolean {
  if (![source, right, said].every(isText)) return false
  if (attention === null) return true
  if (!isRecord(attention)) return false
  const { read, wrote, shares } = attention
  const areTokens = (list: unknown): list is string[] => Array.isArray(list) && list.every(isText)
  const isSized = areTokens(read) && areTokens(wrote) && shares instanceof Float32Array
  return isSized && shares.length === read.length * wrote.length
}

/**
 * The events of a stored log that this version can show. One that was written by another version, or damaged, must not
 * take the rest of the run's curves along.
 */
export function storedEvents(entries: readonly LogEntry[]): { events: TrainEvent[]; leftOut: number } {
  const events = entries.map(({ event }) => event).filter(isTrainEvent)
  return { events, leftOut: entries.length - events.length }
}

function isTrainEvent(event: unknown): event is TrainEvent {
  if (!isRecord(event)) return false
  const type = event['type']
  const check = Object.entries(checks).find(([known]) => known === type)?.[1]
  return check !== undefined && (type === 'phase' || isNumber(event['step'])) && check(event)
}
