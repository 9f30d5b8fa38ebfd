import { DataError } from '../src/core/errors.ts'
import type { RunConfig } from '../src/core/runConfig.ts'
import type { PreparedText } from '../src/core/preparedText.ts'
import { requireWindow } from '../src/data/samplers/defineSampler.ts'
import { sampleBatch } from '../src/data/samplers/registry.ts'
import { createTokenizer } from '../src/data/tokenizers/registry.ts'
import { validationBatch } from '../src/data/validationBatch.ts'
import type { TokenData } from '../src/engine/training/runContext.ts'

/** Prepared token arrays as the trainer takes them. Throws `split-too-short` where a part holds no sequence. */
export function tokenData(prepared: PreparedText, config: RunConfig): TokenData {
  // Told now rather than at the first validation, when much may have been trained.
  const seqLen = Number(config.model['seqLen'])
  requireWindow(prepared.train, seqLen, 'train')
  requireWindow(prepared.validation, seqLen, 'validation')
  const tokenizer = createTokenizer(prepared.tokenizer)
  const startToken = tokenizer.encode('\n')[0] ?? 0
  const { sampler } = config.data
  return {
    vocabSize: prepared.vocabSize,
    startToken,
    trainBatch({ step, microStep, accumulationSteps, batchSize, seqLen }) {
      const request = {
        tokens: prepared.train,
        step,
        microStep,
        accumulationSteps,
        batchSize,
        seqLen,
        seed: config.seed,
      }
      return { ...sampleBatch(sampler, request), batchSize, seqLen }
    },
    validationBatch({ index, count, batchSize, seqLen }) {
      const request = { tokens: prepared.validation, batchSize, seqLen, batch: index, batches: count }
      return { ...validationBatch(request), batchSize, seqLen }
    },
    encode: (text) => [...tokenizer.encode(text)],
    decode: (tokens) => tokenizer.decode(tokens),
  }
}

/** Token ids to start generating from. Characters that the tokenizer does not know are refused by name. */
export function promptTokens(
  record: PreparedText['tokenizer'],
  prompt: string,
): { tokens: number[]; decode(ids: readonly number[]): string } {
  const tokenizer = createTokenizer(record)
  const unknown = tokenizer.unknownIn(prompt)
  const tokens = [...tokenizer.encode(prompt === '' ? '\n' : prompt)]
  if (unknown.length > 0 && tokens.length === 0) {
    throw new DataError(
      `Prompt: the model knows none of its characters, got ${JSON.stringify(unknown.slice(0, 8).join(''))}`,
      {
        code: 'prompt-unknown',
        remedy: 'Use characters that the training text has.',
      },
    )
  }
  return { tokens: tokens.length > 0 ? tokens : [0], decode: (ids) => tokenizer.decode(ids) }
}

/** A checkpoint knows its tokenizer, and so the size of its vocabulary. */
export function vocabSizeOf(record: PreparedText['tokenizer']): number {
  return createTokenizer(record).vocabSize
}
