import type { DataKind } from '../core/catalog.ts'
import type { Prepared } from '../core/prepared.ts'
import type { DataConfig } from '../core/runConfig.ts'
import type { StepReport } from '../core/steps.ts'
import { prepareGraph } from './prepareGraph.ts'
import { contentOf } from './preparing/content.ts'
import type { GivenTokenizer } from './preparing/readTokenizer.ts'
import { createMemoryStepStore } from './steps/memoryStepStore.ts'
import { StepRunner } from './steps/stepRunner.ts'

export interface PrepareRequest {
  readonly kind: DataKind
  /** What is stored of the data set, in pieces. May be called several times. */
  content(): AsyncIterable<Uint8Array>
  readonly sizeBytes: number
  readonly contentSha256: string
  readonly data: DataConfig
  readonly seed: number
  /** See `GraphRequest`. */
  readonly tokenizer?: GivenTokenizer | undefined
  readonly signal?: AbortSignal
  /** In bytes of the content, however often they are read. */
  onProgress?(progress: { done: number; total: number }): void
}

export interface PrepareResult {
  readonly prepared: Prepared
  /** What was reused, and why something was not. */
  readonly reports: readonly StepReport[]
  /** The prepared arrays as they are stored, where they could not be kept. */
  readonly unkeptBytes: Uint8Array | null
}

/**
 * Content to arrays, by its kind, with what `runner` finds stored. Throws `split-too-short`, `split-kind`, `cancelled`, and what the reading of each
 * kind throws.
 */
export async function prepareWith(runner: StepRunner, request: PrepareRequest): Promise<PrepareResult> {
  const { kind, contentSha256, data, seed, tokenizer, sizeBytes, signal, onProgress } = request
  const content = contentOf(() => request.content(), sizeBytes)
  const node = prepareGraph({ kind, content, contentSha256, data, seed, tokenizer })
  const { value, reports, unkeptBytes } = await runner.run(node, {
    signal,
    onProgress: (share) => onProgress?.({ done: Math.round(share * sizeBytes), total: sizeBytes }),
  })
  return { prepared: { key: node.key, ...value }, reports, unkeptBytes }
}

/** The same with nothing stored before and after. */
export async function prepare(request: PrepareRequest): Promise<Prepared> {
  return (await prepareWith(new StepRunner(createMemoryStepStore(0)), request)).prepared
}
