import type { InferFields, Issue } from '../../core/schema.ts'
import { add, concat, gather, mul, reshape, sigmoid, sub, tanh, type Tensor2D } from '../backend/tfjs.ts'
import { embedding } from '../kernels/embedding/embedding.ts'
import { meanTokens } from '../kernels/tokenPooling/meanTokens.ts'
import { crossAttention } from '../nn/crossAttention.ts'
import { dense } from '../nn/dense.ts'
import { dropoutOf } from '../nn/dropoutSites.ts'
import { dropUnits } from '../nn/dropUnits.ts'
import { feedForward } from '../nn/feedForward.ts'
import { initsOf } from '../nn/initialization.ts'
import { forkNorm, norm, type NormKind } from '../nn/norm.ts'
import type { ParameterSpec, Weights } from '../nn/parameter.ts'
import { blockParameters, denseParameters, normParameters, transformerBlock } from '../nn/transformerBlock.ts'
import { defineModel } from './defineModel.ts'
import { fusionFields } from './fusionFields.ts'
import { classHeadParameters, withClassScores } from './heads/classHead.ts'
import type { InputOf, ModelOutput, PassSetting, SizesOf, Tokens } from './modelInputs.ts'
import { headIssues } from './transformer/headIssues.ts'
import { imageTowerIssues, imageTowerParameters, runImageTower } from './transformer/imageTower.ts'
import { hiddenDimOf } from './transformer/stack.ts'
import { runTextTower, textTowerIssues, textTowerParameters } from './transformer/textTower.ts'

/**
 * Two towers and what makes one thing of an image and its text: tokens that look at patches (cross-attention, Vaswani et al.
 * 2017), both ways in step (co-attention, Lu et al. 2019), both ways with gates (as the MultiModal Insight Engine, with the
 * masks that it left out), one gated vector of each (Arevalo et al. 2017), or the product of one vector each, with which ViLBERT
 * (Lu et al. 2019, 2.3) tells whether they belong together.
 */
type Fusion = InferFields<typeof fusionFields>

type Side = 'image' | 'text'
const sides: readonly Side[] = ['image', 'text']
const head = 'classes'
const normKind: NormKind = 'layer-norm'
const other = (side: Side): Side => (side === 'image' ? 'text' : 'image')
const layerName = (side: Side, layer: number) => `fusion.${side}.h.${layer}.`
const inName = (side: Side) => `fusion.${side}.in`
const finalNorm = (side: Side) => `fusion.${side}.ln_f`

/** Whether what comes together is one vector of each side. */
const isOfVectors = ({ fusion }: Pick<Fusion, 'fusion'>) => fusion === 'gated' || fusion === 'product'

/** Sides that go on as rows: text alone where it looks at the image. */
function streams({ fusion }: Fusion): readonly Side[] {
  if (isOfVectors({ fusion })) return []
  return fusion === 'cross-attention' ? ['text'] : sides
}

function check(config: Fusion): Issue[] {
  const within = (part: Side, issues: Issue[]) =>
    issues.map(({ path, message }): Issue => ({ path: [part, ...path], message }))
  return [
    ...within('image', imageTowerIssues(config.image)),
    ...within('text', textTowerIssues(config.text)),
    ...headIssues({ ...config, numKeyHeads: 0 }),
    ...sides.flatMap((side) => within(side, poolingIssues(config, side))),
    ...joinIssues(config),
  ]
}

function joinIssues(config: Fusion): Issue[] {
  if (config.join === 'layer' || streams(config).length === 2) return []
  const message = `must be layer where both sides do not come out as rows (${config.fusion}), got ${config.join}`
  return [{ path: ['join'], message }]
}

/** Rows that come together are not pooled before: a query that nobody asks would never learn. */
function poolingIssues(config: Fusion, side: Side): Issue[] {
  if (isOfVectors(config) || config[side].pooling !== 'attention') return []
  const message = `must not be attention where tokens and patches come together (${config.fusion}), got attention; take mean, or the fusion gated or product`
  return [{ path: ['pooling'], message }]
}

function parameters(config: Fusion, sizes: SizesOf<'captionedImages'>): ParameterSpec[] {
  const { embedDim: width, numLayers } = config
  const layers = Array.from({ length: numLayers }, (_, layer) =>
    streams(config).flatMap((side) => layerParameters(config, layerName(side, layer))),
  )
  const plain = { init: initsOf('normal', 1).matrix, hasBias: true }
  return [
    ...imageTowerParameters(config.image, sizes.image, 'image.'),
    ...textTowerParameters(config.text, sizes.text, 'text.'),
    ...sides.flatMap((side) => denseParameters(inName(side), [config[side].embedDim, width], plain)),
    ...layers.flat(),
    ...streams(config).flatMap((side) =>
      normParameters(finalNorm(side), width, { norm: normKind, hasBias: true }),
    ),
    ...(config.fusion === 'gated' ? denseParameters('fusion.gate', [2 * width, width], plain) : []),
    ...(streams(config).length === 2 && config.join === 'layer'
      ? denseParameters('fusion.join', [2 * width, width], plain)
      : []),
    ...classHeadParameters(head, width, sizes.head),
  ]
}

function layerParameters(config: Fusion, name: string): ParameterSpec[] {
  const { embedDim: width, numHeads, numLayers, activation, fusion } = config
  const inits = initsOf('scaled-normal', 3 * numLayers)
  const shape = {
    embedDim: width,
    hiddenDim: hiddenDimOf(config),
    numHeads,
    numKeyHeads: numHeads,
    norm: normKind,
    activation,
    hasBias: true,
    hasHeadNorm: false,
    memoryDim: width,
  }
  const whole = blockParameters(name, shape, inits)
  if (fusion !== 'bidirectional') return whole
  // A gate in the place of attention within the side.
  const gate = denseParameters(`${name}gate`, [2 * width, width], { init: inits.matrix, hasBias: true })
  return [...whole.filter((spec) => !/^(ln_1|attn)\./.test(spec.name.slice(name.length))), ...gate]
}

interface Rows {
  readonly rows: Readonly<Record<Side, Tensor2D>>
  readonly input: InputOf<'captionedImages'>
  readonly pass: PassSetting
}

/** One layer of one side, which looks at the other side as it was before the layer: [B*T, D]. */
function runLayer(
  config: Fusion,
  weights: Weights,
  { side, layer, rows, input, pass }: Rows & { side: Side; layer: number },
): Tensor2D {
  const { numHeads, normEpsilon: epsilon, activation, dropoutRate } = config
  const name = layerName(side, layer)
  const { batchSize, mask } = input.text
  const dropoutAt = dropoutOf(pass.drawAt, dropoutRate)
  const keyMask = { image: null, text: mask }
  const memory = { rows: rows[other(side)], keyMask: keyMask[other(side)] }
  const x = rows[side]
  if (config.fusion !== 'bidirectional') {
    const own = { name, batchSize, numHeads, isCausal: false, keyMask: keyMask[side], memory, dropoutAt }
    return transformerBlock(x, weights, { ...own, norm: normKind, normEpsilon: epsilon, activation })
  }
  const fork = (stream: Tensor2D, normName: string) =>
    forkNorm(stream, weights, { name: `${name}${normName}`, kind: normKind, epsilon })
  const [stream, calm] = fork(x, 'ln_cross_attn')
  const seen = crossAttention(calm, memory.rows, weights, {
    name: `${name}crossattention.`,
    batchSize,
    numHeads,
    keyMask: memory.keyMask,
    dropoutAt,
  })
  const gate = sigmoid(dense(concat([calm, seen], 1), weights, `${name}gate`))
  const [residual, calmer] = fork(add(stream, mul(gate, seen)), 'ln_2')
  return feedForward(calmer, weights, { name: `${name}mlp.`, activation, dropoutAt, residual })
}

/** z ⊙ tanh(a) + (1 - z) ⊙ tanh(b), z a gate of both (GMU): [B, D]. */
function mixVectors(weights: Weights, a: Tensor2D, b: Tensor2D): Tensor2D {
  const gate = sigmoid(dense(concat([a, b], 1), weights, 'fusion.gate'))
  return add(mul(gate, tanh(a)), mul(sub(1, gate), tanh(b)))
}

/** Each side's rows through all layers, and the mean of what comes out: [B, D] of each stream. */
function fuseRows(config: Fusion, weights: Weights, start: Rows): Tensor2D[] {
  let { rows } = start
  for (let layer = 0; layer < config.numLayers; layer++) {
    const next = { ...rows }
    for (const side of streams(config))
      next[side] = runLayer(config, weights, { ...start, rows, side, layer })
    rows = next
  }
  const { batchSize, mask } = start.input.text
  return streams(config).map((side) => {
    const calm = norm(rows[side], weights, {
      name: finalNorm(side),
      kind: normKind,
      epsilon: config.normEpsilon,
    })
    return meanTokens(calm, batchSize, side === 'text' ? mask : null)
  })
}

/** Texts in the order in which they are read with images: what a tower made of each is computed once. */
function shownTexts(
  { rows, pooled }: { readonly rows: Tensor2D; readonly pooled: Tensor2D },
  { text, shown }: InputOf<'captionedImages'>,
): { rows: Tensor2D; pooled: Tensor2D; tokens: Tokens } {
  if (shown === undefined) return { rows, pooled, tokens: text }
  const { batchSize, mask } = text
  const [count, width] = rows.shape
  const perText = (count / batchSize) * width
  return {
    rows: reshape(embedding(reshape(rows, [batchSize, perText]), shown), [count, width]),
    pooled: embedding(pooled, shown),
    tokens: { ...text, mask: mask && gather(mask, shown) },
  }
}

function forward(
  config: Fusion,
  weights: Weights,
  input: InputOf<'captionedImages'>,
  pass: PassSetting,
): ModelOutput {
  const images = runImageTower(config.image, weights, { ...input.image, prefix: 'image.', pass })
  const texts = runTextTower(config.text, weights, { tokens: input.text, prefix: 'text.', pass })
  const into = (side: Side, x: Tensor2D) => dense(x, weights, inName(side))
  const shown = shownTexts(texts, input)
  const fused = (): Tensor2D => {
    if (isOfVectors(config)) {
      const [a, b] = [into('image', images.pooled), into('text', shown.pooled)]
      return config.fusion === 'gated' ? mixVectors(weights, a, b) : mul(a, b)
    }
    const rows = { image: into('image', images.rows), text: into('text', shown.rows) }
    const found = fuseRows(config, weights, { rows, input: { ...input, text: shown.tokens }, pass })
    const [a, b] = found as [Tensor2D, Tensor2D?]
    if (b === undefined) return a
    return config.join === 'product' ? mul(a, b) : tanh(dense(concat([a, b], 1), weights, 'fusion.join'))
  }
  const pooled = fused()
  const kept = dropUnits(pooled, pass.drawAt(head, config.dropoutRate))
  return { ...withClassScores(kept, weights, head), pooled, pair: { a: images.pooled, b: texts.pooled } }
}

export default defineModel({
  id: 'fusion',
  title: 'Fusion',
  summary:
    'Two transformers whose tokens and patches look at each other, to say one thing of an image and a text.',
  link: 'https://arxiv.org/abs/1908.02265',
  accepts: 'captionedImages',
  towers: ['image.', 'text.'],
  fields: fusionFields,
  tiny: {
    image: { numLayers: 1, numHeads: 2, embedDim: 8, patchSize: 8 },
    text: { numLayers: 1, numHeads: 2, embedDim: 8, seqLen: 8 },
    numLayers: 1,
    numHeads: 2,
    embedDim: 8,
  },
  imageUnit: ({ image: { patchSize } }) => patchSize,
  seqLen: ({ text }) => text.seqLen,
  check,
  parameters,
  forward,
})
