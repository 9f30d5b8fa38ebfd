import type { InferFields, Issue } from '../../../core/schema.ts'
import type { Tensor2D } from '../../backend/tfjs.ts'
import { tokenAndPositionEmbedding } from '../../kernels/embedding/embedding.ts'
import { dropoutOf } from '../../nn/dropoutSites.ts'
import { dropUnits } from '../../nn/dropUnits.ts'
import { initsOf, spread } from '../../nn/initialization.ts'
import { norm } from '../../nn/norm.ts'
import { matrixOf, type ParameterSpec, type Weights } from '../../nn/parameter.ts'
import { poolParameters, poolTokens } from '../../nn/poolTokens.ts'
import { normParameters } from '../../nn/transformerBlock.ts'
import type { PassSetting, TextSizes, Tokens } from '../modelInputs.ts'
import { headIssues, positionIssues } from './headIssues.ts'
import { runStack, stackParameters, type Stack } from './stack.ts'
import type { textTowerFields } from './textTowerFields.ts'
import { checkTokens, placeTable } from './tokenRows.ts'

/** Settings of a transformer over tokens of texts. */
export type TextTower = InferFields<typeof textTowerFields>

/** Names of its weights, of which `prefix` is the beginning. */
export function textNames(prefix: string) {
  return {
    words: `${prefix}wte.weight`,
    places: `${prefix}wpe.weight`,
    finalNorm: `${prefix}ln_f`,
    pool: `${prefix}pool.`,
    block: (layer: number) => `${prefix}h.${layer}.`,
  }
}

function stackOf(settings: TextTower, prefix: string): Stack {
  return { settings, prefixOf: textNames(prefix).block, isCausal: settings.isCausal, memoryDim: null }
}

export function textTowerIssues(tower: TextTower): Issue[] {
  const issues = headIssues(tower)
  return issues.length > 0 ? issues : positionIssues(tower.positions, tower)
}

/** @param prefix of all its weights, with its dot */
export function textTowerParameters(
  tower: TextTower,
  { vocabSize }: TextSizes,
  prefix: string,
): ParameterSpec[] {
  const { embedDim: width, seqLen, hasBias, initialization, numLayers } = tower
  const names = textNames(prefix)
  const table = (name: string, rows: number): ParameterSpec => {
    return { name, shape: [rows, width], kind: 'embedding', init: spread }
  }
  const { matrix: init } = initsOf(initialization, 2 * numLayers)
  return [
    table(names.words, vocabSize),
    ...(tower.positions === 'learned' ? [table(names.places, seqLen)] : []),
    ...stackParameters(stackOf(tower, prefix)),
    ...(tower.normPlace === 'pre' ? normParameters(names.finalNorm, width, tower) : []),
    ...(tower.pooling === 'attention' ? poolParameters(names.pool, width, { init, hasBias }) : []),
  ]
}

/** @returns rows [B*T, D] of tokens, and pooled [B, D] */
export function runTextTower(
  tower: TextTower,
  weights: Weights,
  { tokens, prefix, pass }: { tokens: Tokens; prefix: string; pass: PassSetting },
): { rows: Tensor2D; pooled: Tensor2D } {
  const { batchSize, mask, ids, seqLen } = tokens
  const names = textNames(prefix)
  checkTokens('Text tower', tokens, tower.seqLen)
  const places = placeTable(tower, weights, names.places)
  const sum = tokenAndPositionEmbedding(matrixOf(weights, names.words), places, ids, seqLen)
  const x = dropUnits(sum, pass.drawAt(`${prefix}embedding`, tower.dropoutRate))
  const stack = stackOf(tower, prefix)
  const last = runStack(x, weights, stack, { batchSize, keyMask: mask, memory: null, ...pass })
  const { norm: kind, normEpsilon: epsilon, normPlace, pooling, numHeads, dropoutRate } = tower
  const rows = normPlace === 'pre' ? norm(last, weights, { name: names.finalNorm, kind, epsilon }) : last
  const dropoutAt = dropoutOf(pass.drawAt, dropoutRate)
  const pooled = poolTokens(rows, weights, {
    pooling,
    name: names.pool,
    batchSize,
    numHeads,
    mask,
    dropoutAt,
  })
  return { rows, pooled }
}
