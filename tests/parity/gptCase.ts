import type { NamedTensors } from '../../src/core/hostTensor.ts'
import type { EngineDevice } from '../../src/engine/backend/createDevice.ts'
import { createTrainSession, type Batch, type TrainSession } from '../../src/engine/training/trainSession.ts'
import { engineConfig } from '../helpers/engineConfig.ts'
import { tokenBatch } from '../helpers/tokenBatch.ts'
import type { GoldenCase } from './goldenCase.ts'
import { asNumber, asRecord, malformed, type Json } from './json.ts'
import { Ledger } from './ledger.ts'
import { Unsupported } from './unsupported.ts'

/** The model of a case in our terms. */
export interface GptSettings {
  readonly model: Record<string, string | number | boolean>
  readonly vocabSize: number
}

/** What all checks of a GPT case share. */
export interface GptRun {
  readonly golden: GoldenCase
  readonly settings: GptSettings
  readonly batch: Batch
  readonly device: EngineDevice
  /** As the file holds them. */
  readonly weights: NamedTensors
}

const activations: Readonly<Record<string, string>> = {
  gelu_new: 'gelu-tanh',
  gelu_pytorch_tanh: 'gelu-tanh',
  gelu: 'gelu-exact',
}

/** `config` in the words of transformers' GPT2Config. Throws Unsupported for fields and values without a counterpart. */
export function gptSettings({ fields }: GoldenCase): GptSettings {
  const config = new Ledger(asRecord(fields.take('config'), 'config'), 'config')
  const number = (name: string) => asNumber(config.take(name), config.where(name))
  const bool = (name: string, fallback: boolean): boolean => {
    const value: Json = config.takeIfThere(name) ?? fallback
    if (typeof value !== 'boolean') throw malformed(config.where(name), 'true or false', value)
    return value
  }
  const width = number('n_embd')
  const inner = config.takeIfThere('n_inner') ?? null
  const activation = String(config.take('activation_function'))
  if (!Object.hasOwn(activations, activation))
    throw new Unsupported(`config.activation_function is ${activation}`)
  const model = {
    numLayers: number('n_layer'),
    numHeads: number('n_head'),
    embedDim: width,
    seqLen: number('n_positions'),
    normEpsilon: number('layer_norm_epsilon'),
    activation: activations[activation]!,
    isHeadTied: bool('tie_word_embeddings', true),
    hasBias: bool('bias', true),
    ...(inner === null ? {} : { mlpRatio: asNumber(inner, 'config.n_inner') / width }),
  }
  const vocabSize = number('vocab_size')
  config.refuseUntouched()
  return { model, vocabSize }
}

export function batchOf(golden: GoldenCase): Batch {
  const inputs = golden.input('input_ids')
  const targets = golden.input('targets')
  return tokenBatch({
    ids: Int32Array.from(inputs.values),
    targets: Int32Array.from(targets.values),
    batchSize: inputs.shape[0]!,
  })
}

/** Calls `use` with a fresh session that holds the given weights. */
export async function withSession<T>(
  { settings, device }: GptRun,
  options: { weights: NamedTensors; stage: Record<string, unknown> },
  use: (session: TrainSession) => Promise<T>,
): Promise<T> {
  const config = engineConfig({ model: settings.model, stage: { gradClipNorm: 0, ...options.stage } })
  const session = createTrainSession({ device, config, facts: { vocabSize: settings.vocabSize } })
  try {
    session.importState(options.weights, 'weights')
    return await use(session)
  } finally {
    session.dispose()
  }
}
