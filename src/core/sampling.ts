import type { Fields, InferFields } from './schema.ts'

/** How the next token is chosen: settings that a run's samples, the page and the command line share. */
export const samplingFields = {
  sampleTemperature: {
    type: 'number',
    label: 'Temperature',
    help: 'Below 1 safer, above 1 wilder; 0 always takes the likeliest token.',
    default: 0.8,
    min: 0,
    max: 5,
    step: 0.05,
  },
  sampleTopK: {
    type: 'int',
    label: 'Top k',
    help: 'Only the k likeliest tokens are drawn from; 0 all.',
    default: 0,
    min: 0,
    max: 100000,
    isAdvanced: true,
  },
  sampleTopP: {
    type: 'number',
    label: 'Top p',
    help: 'Only the fewest likeliest tokens that have this probability together are drawn from; 1 all.',
    default: 1,
    min: 0,
    max: 1,
    step: 0.05,
    isAdvanced: true,
    link: 'https://arxiv.org/abs/1904.09751',
  },
  sampleMinP: {
    type: 'number',
    label: 'Min p',
    help: 'Only tokens at least this likely, measured by the likeliest one, are drawn from; 0 all.',
    default: 0,
    min: 0,
    max: 1,
    step: 0.01,
    isAdvanced: true,
    link: 'https://arxiv.org/abs/2407.01082',
  },
  sampleRepetitionPenalty: {
    type: 'number',
    label: 'Repetition penalty',
    help: 'Makes tokens less likely that are there already, the prompt’s too; 1 leaves them alone.',
    default: 1,
    min: 1,
    max: 10,
    step: 0.05,
    isAdvanced: true,
    link: 'https://arxiv.org/abs/1909.05858',
  },
  sampleNoRepeatNgram: {
    type: 'int',
    label: 'No repeated n-gram',
    help: 'Never writes the same n tokens in a row twice; 0 allows it.',
    default: 0,
    min: 0,
    max: 100,
    unit: 'tokens',
    isAdvanced: true,
  },
} as const satisfies Fields

/** How the next token is chosen. */
export interface SamplingOptions {
  /** Divides the logits; 0 takes the likeliest token. */
  readonly temperature: number
  /** Only this many of the likeliest tokens are drawn from; 0: all. */
  readonly topK: number
  /** Only the fewest likeliest tokens whose probabilities add up to this are drawn from; 1: all. */
  readonly topP: number
  /** Only tokens with at least this share of the likeliest one's probability are drawn from; 0: all. */
  readonly minP: number
  /** Divides logits above 0, and multiplies those below, of tokens that are there; 1: none. */
  readonly repetitionPenalty: number
  /** No run of this many tokens comes twice; 0: any may. */
  readonly noRepeatNgram: number
}

/** Takes the likeliest token, whatever was written. */
export const greedy: SamplingOptions = {
  temperature: 0,
  topK: 0,
  topP: 1,
  minP: 0,
  repetitionPenalty: 1,
  noRepeatNgram: 0,
}

export function samplingOf(settings: InferFields<typeof samplingFields>): SamplingOptions {
  return {
    temperature: settings.sampleTemperature,
    topK: settings.sampleTopK,
    topP: settings.sampleTopP,
    minP: settings.sampleMinP,
    repetitionPenalty: settings.sampleRepetitionPenalty,
    noRepeatNgram: settings.sampleNoRepeatNgram,
  }
}
