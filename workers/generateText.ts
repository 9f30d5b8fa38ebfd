import { DataError } from '../src/core/errors.ts'
import { parseRunConfig, createRunSchema } from '../src/core/runConfig.ts'
import { Generator } from '../src/core/rng.ts'
import type { EngineDevice } from '../src/engine/backend/createDevice.ts'
import { beamSearch } from '../src/engine/generation/beamSearch.ts'
import { generate } from '../src/engine/generation/generate.ts'
import { createTrainSession } from '../src/engine/training/trainSession.ts'
import { loadCheckpoint } from '../src/storage/checkpointStore.ts'
import type { BunsenDatabase } from '../src/storage/database.ts'
import type { Checkpoint } from '../src/storage/checkpoint.ts'
import { promptWriter } from '../src/engine/training/writing.ts'
import { createCatalog } from './catalog.ts'
import { decodeRunCheckpoint, missingCheckpoint } from './checkpointOfRun.ts'
import { nextTurn } from './eventLoop.ts'
import type { GenerateRequest } from './protocol.ts'
import { codingOf } from './checkpointCoding.ts'
import { promptTokens } from './runData.ts'

/** What a stored checkpoint writes after a prompt. */
export async function generateText(
  db: BunsenDatabase,
  device: EngineDevice,
  request: GenerateRequest,
): Promise<string> {
  const loaded = await loadCheckpoint(db, request.runId, request.slot)
  if (!loaded) throw missingCheckpoint(request.runId)
  return writeText(decodeRunCheckpoint(loaded.bytes, null).checkpoint, device, request)
}

export type WriteRequest = Omit<GenerateRequest, 'runId' | 'slot'>

/** The same for a checkpoint in hand. Equal requests on one device write equal texts. */
export async function writeText(
  checkpoint: Checkpoint,
  device: EngineDevice,
  request: WriteRequest,
): Promise<string> {
  const config = parseRunConfig(createRunSchema(createCatalog()), checkpoint.config)
  if (checkpoint.tokenizer === null) throw noTokenizer()
  const { tokens, decode } = promptTokens(checkpoint.tokenizer, request.prompt)
  const session = createTrainSession({ device, config, facts: codingOf(checkpoint).facts })
  try {
    session.importState(checkpoint.tensors, 'weights')
    const writer = promptWriter(session, tokens, request.beams?.count)
    const count = Math.min(request.tokens, writer.most ?? request.tokens)
    if (request.beams) {
      const { count: beams, lengthPenalty } = request.beams
      const { repetitionPenalty, noRepeatNgram } = request.sampling
      const repetition = { repetitionPenalty, noRepeatNgram }
      const options = { ...writer, ...repetition, count, beams, lengthPenalty, isEarlyStopping: false }
      const model: typeof writer.model = {
        ...writer.model,
        async nextLogitsOfEach(sequences) {
          await nextTurn()
          return writer.model.nextLogitsOfEach(sequences)
        },
      }
      const [best] = await beamSearch(model, options)
      return decode(best!.tokens.filter((token) => token !== writer.endToken))
    }
    const written: number[] = []
    const stream = generate(writer.model, {
      ...writer,
      count,
      ...request.sampling,
      generator: new Generator(request.seed, 'generate'),
    })
    for await (const token of stream) {
      written.push(token)
      if (written.length % 8 === 0) await nextTurn()
    }
    return decode(written)
  } finally {
    session.dispose()
    device.trim()
  }
}

function noTokenizer(): DataError {
  return new DataError('This checkpoint has no tokenizer: text can be neither read nor written with it', {
    code: 'no-tokenizer',
    remedy: 'Use a checkpoint that Bunsen saved, or start a run from these weights first.',
  })
}
