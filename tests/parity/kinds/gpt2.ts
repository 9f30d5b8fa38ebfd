import { ConfigError } from '../../../src/core/errors.ts'
import { engineConfig } from '../../helpers/engineConfig.ts'
import { defineKind } from '../defineKind.ts'
import { gptSettings, batchOf } from '../gptCase.ts'
import { checkForward, checkGreedy, checkSameWeights } from '../gptForward.ts'
import { checkTraining } from '../gptTraining.ts'
import { readWeightFiles } from '../gptWeights.ts'
import { isRecord, type JsonRecord } from '../json.ts'
import { Unsupported } from '../unsupported.ts'

function hasGptCases({ cases }: JsonRecord): boolean {
  return Array.isArray(cases) && cases.length > 0 && cases.every(isGptCase)
}

function isGptCase(value: unknown): boolean {
  const record = value as JsonRecord
  return (
    isRecord(record) &&
    isRecord(record['config']) &&
    isRecord(record['inputs']) &&
    'input_ids' in record['inputs']
  )
}

/** GPT-2 under Hugging Face's names: logits, loss, gradients, training and greedy continuation from given weights. */
export default defineKind({
  id: 'gpt',
  isFor: hasGptCases,
  async check(golden, context) {
    const settings = gptSettings(golden)
    try {
      engineConfig({ model: settings.model })
    } catch (error) {
      if (error instanceof ConfigError) throw new Unsupported(error.message)
      throw error
    }
    const batch = batchOf(golden)
    const [first, ...others] = await readWeightFiles(golden, context)
    const run = { golden, settings, batch, device: await context.device(), weights: first!.tensors }
    await checkForward(run)
    for (const other of others) await checkSameWeights(run, other)
    await checkTraining(run)
    await checkGreedy(run)
  },
})
