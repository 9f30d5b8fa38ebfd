import { ConfigError } from '../../../core/errors.ts'
import type { InferFields, Issue } from '../../../core/schema.ts'
import { offTape } from '../../backend/offTape.ts'
import { concat, fill, matMul, tensor2d, type Tensor, type Tensor2D } from '../../backend/tfjs.ts'
import { dropoutOf } from '../../nn/dropoutSites.ts'
import { dropUnits } from '../../nn/dropUnits.ts'
import { initsOf, spread, zeroInit } from '../../nn/initialization.ts'
import { norm } from '../../nn/norm.ts'
import { matrixOf, type ParameterSpec, type Weights } from '../../nn/parameter.ts'
import { patchTokens } from '../../nn/patchTokens.ts'
import { resizePositions } from '../../nn/resizePositions.ts'
import { poolParameters, poolTokens } from '../../nn/poolTokens.ts'
import type { PatchGrid } from '../../nn/resizePositions.ts'
import { sinusoidalGrid } from '../../nn/sinusoidal.ts'
import { normParameters } from '../../nn/transformerBlock.ts'
import { layerInHub, renamedInHub, type HubWeight } from '../hubWeights.ts'
import type { Images, ImageSizes, PassSetting } from '../modelInputs.ts'
import { headIssues } from './headIssues.ts'
import type { imageTowerFields } from './imageTowerFields.ts'
import { hiddenDimOf, runStack, stackParameters, type Stack, type StackSettings } from './stack.ts'

/** Settings of a transformer over patches of images. */
export type ImageTower = InferFields<typeof imageTowerFields>

const patches = 'patches.'
const inputNorm = 'patches.ln'
const finalNorm = 'ln_f'
const pool = 'pool.'

function stackOf(tower: ImageTower, prefix: string): Stack {
  // Patches have their places from a table.
  const settings: StackSettings = {
    ...tower,
    positions: 'none',
    rotaryBase: 10_000,
    rotaryStyle: 'half-split',
  }
  return {
    settings,
    prefixOf: (layer) => `${prefix}h.${layer}.`,
    isCausal: false,
    memoryDim: null,
  }
}

/** @throws ConfigError `patch-size` */
function gridOf(
  { patchSize }: ImageTower,
  { height, width }: Pick<ImageSizes, 'height' | 'width'>,
): PatchGrid {
  if (height % patchSize === 0 && width % patchSize === 0)
    return { rows: height / patchSize, columns: width / patchSize }
  throw new ConfigError(
    `Patch size: must divide the height and the width of images, ${height} and ${width}, got ${patchSize}`,
    { code: 'patch-size', remedy: 'Choose another patch size, or another size of images.' },
  )
}

function hasClassToken({ pooling }: ImageTower): boolean {
  return pooling === 'class-token'
}

export function imageTowerIssues(tower: ImageTower): Issue[] {
  if (tower.positions === 'sinusoidal' && tower.embedDim % 4 !== 0) {
    return [
      {
        path: ['embedDim'],
        message: `must be a multiple of 4 for sinusoidal positions of two directions, got ${tower.embedDim}`,
      },
    ]
  }
  return headIssues(tower)
}

/** @param prefix of all its weights, with its dot, or empty */
export function imageTowerParameters(tower: ImageTower, sizes: ImageSizes, prefix: string): ParameterSpec[] {
  const { embedDim: width, patchSize, numRegisters, hasBias, hasPatchBias, initialization } = tower
  const grid = gridOf(tower, sizes)
  const { matrix: init } = initsOf(initialization, 2 * tower.numLayers)
  const own = `${prefix}${patches}`
  const table = (name: string, rows: number): ParameterSpec => ({
    name: `${own}${name}`,
    shape: [rows, width],
    kind: 'embedding',
    init: spread,
  })
  const places = grid.rows * grid.columns + (hasClassToken(tower) ? 1 : 0)
  return [
    {
      name: `${own}projection.weight`,
      shape: [patchSize ** 2 * sizes.channels, width],
      kind: 'matrix',
      init,
    },
    ...(hasPatchBias
      ? [{ name: `${own}projection.bias`, shape: [width], kind: 'vector', init: zeroInit } as const]
      : []),
    ...(hasClassToken(tower) ? [table('cls_token', 1)] : []),
    ...(numRegisters > 0 ? [table('register_tokens', numRegisters)] : []),
    ...(tower.positions === 'learned' ? [table('position_embeddings', places)] : []),
    ...(tower.hasInputNorm ? normParameters(`${prefix}${inputNorm}`, width, tower) : []),
    ...stackParameters(stackOf(tower, prefix)),
    ...(tower.normPlace === 'pre' ? normParameters(`${prefix}${finalNorm}`, width, tower) : []),
    ...(tower.pooling === 'attention' ? poolParameters(`${prefix}${pool}`, width, { init, hasBias }) : []),
  ]
}

/**
 * Learned positions for images of another size than the weights are for, both of them square: brought to the grid as
 * `resizePositions` does it, which is a product with numbers that do not change. `first` rows are of no patch.
 */
function forGrid(table: Tensor2D, grid: PatchGrid, first: number): Tensor2D {
  const [count] = table.shape
  const side = Math.sqrt(count - first)
  if (count - first === grid.rows * grid.columns || !Number.isInteger(side)) return table
  const identity = Float32Array.from({ length: count ** 2 }, (_, i) => (i % (count + 1) === 0 ? 1 : 0))
  const resized = resizePositions(identity, count, { rows: side, columns: side }, grid)
  return matMul(tensor2d(resized, [resized.length / count, count]), table)
}

/** [class token and patches, D], or null where nothing tells places. */
function placesOf(
  tower: ImageTower,
  weights: Weights,
  { prefix, grid }: { prefix: string; grid: PatchGrid },
) {
  if (tower.positions === 'learned') {
    const table = matrixOf(weights, `${prefix}${patches}position_embeddings`)
    return forGrid(table, grid, hasClassToken(tower) ? 1 : 0)
  }
  if (tower.positions === 'none') return null
  const { embedDim: width } = tower
  const table = sinusoidalGrid(grid.rows, grid.columns, width)
  if (!hasClassToken(tower)) return tensor2d(table, [table.length / width, width])
  const all = new Float32Array(table.length + width) // the class token has no place: zeros
  all.set(table, width)
  return tensor2d(all, [all.length / width, width])
}

/**
 * int32 [B, R + patches], 0 for registers: they are for the model's own use, and what stands for the image leaves them out
 * (Darcet et al. 2024). null where the class token stands for it, or there are none.
 */
function patchMask(tower: ImageTower, batchSize: number, { rows, columns }: PatchGrid): Tensor2D | null {
  const { numRegisters } = tower
  if (numRegisters === 0 || hasClassToken(tower)) return null
  const ofAll = (count: number, value: number): Tensor => fill([batchSize, count], value, 'int32')
  return offTape(() => concat([ofAll(numRegisters, 0), ofAll(rows * columns, 1)], 1)) as Tensor2D
}

/** @returns rows [B*T, D] of class token, registers and patches, and pooled [B, D] */
export function runImageTower(
  tower: ImageTower,
  weights: Weights,
  { pixels, prefix, pass }: Images & { prefix: string; pass: PassSetting },
): { rows: Tensor2D; pooled: Tensor2D } {
  const [batchSize, height, width] = pixels.shape
  const grid = gridOf(tower, { height, width })
  const { pooling, numHeads, patchSize, dropoutRate, norm: kind, normEpsilon: epsilon } = tower
  const sum = patchTokens(pixels, weights, {
    name: `${prefix}${patches}`,
    patchSize,
    hasClassToken: hasClassToken(tower),
    hasRegisters: tower.numRegisters > 0,
    positions: placesOf(tower, weights, { prefix, grid }),
  }) // [B*T, D]
  const normed = (x: Tensor2D, name: string) => norm(x, weights, { name: `${prefix}${name}`, kind, epsilon })
  const calm = tower.hasInputNorm ? normed(sum, inputNorm) : sum
  const x = dropUnits(calm, pass.drawAt(`${prefix}embeddings`, dropoutRate))
  const stack = stackOf(tower, prefix)
  const last = runStack(x, weights, stack, { batchSize, keyMask: null, memory: null, ...pass })
  const rows = tower.normPlace === 'pre' ? normed(last, finalNorm) : last
  const dropoutAt = dropoutOf(pass.drawAt, dropoutRate)
  const pooled = poolTokens(rows, weights, {
    pooling,
    name: `${prefix}${pool}`,
    batchSize,
    numHeads,
    mask: patchMask(tower, batchSize, grid),
    dropoutAt,
  })
  return { rows, pooled }
}

/** Names of a ViT's parts in somebody's checkpoint. */
export interface ImageTowerNames {
  readonly classToken: string
  /** Its shape there. */
  readonly classTokenShape: readonly number[]
  readonly positions: string
  readonly arePositionsBatched: boolean
  readonly projection: string
  readonly inputNorm: string
  readonly finalNorm: string
}

/** All but the blocks. */
export function imageTowerInHub(
  tower: ImageTower,
  sizes: ImageSizes,
  { prefix, names }: { prefix: string; names: ImageTowerNames },
): HubWeight[] {
  const specs = imageTowerParameters(tower, sizes, prefix)
  const { patchSize, embedDim: width } = tower
  const renames: Readonly<Record<string, HubWeight['hub'][number]>> = Object.fromEntries(
    specs.flatMap(({ name, shape }): [string, HubWeight['hub'][number]][] => {
      const part = name.slice(prefix.length)
      const there = (hubName: string, hubShape = shape): [string, HubWeight['hub'][number]][] => [
        [name, { name: hubName, shape: hubShape }],
      ]
      if (part === 'patches.cls_token') return there(names.classToken, names.classTokenShape)
      if (part === 'patches.position_embeddings')
        return there(names.positions, names.arePositionsBatched ? [1, ...shape] : shape)
      if (part === 'patches.projection.weight')
        return there(`${names.projection}.weight`, [width, sizes.channels, patchSize, patchSize])
      if (part === 'patches.projection.bias') return there(`${names.projection}.bias`)
      if (part.startsWith(`${inputNorm}.`)) return there(part.replace(inputNorm, names.inputNorm))
      if (part.startsWith(`${finalNorm}.`)) return there(part.replace(finalNorm, names.finalNorm))
      return []
    }),
  )
  return specs.flatMap(({ name, shape }): HubWeight[] => {
    const hub = renames[name]
    if (hub === undefined) return []
    const layout = name.endsWith('projection.weight') ? 'patches' : 'same'
    const isOfPlaces = name.endsWith('position_embeddings')
    return [{ name, shape, hub: [hub], layout, ...(isOfPlaces && { grid: gridOf(tower, sizes) }) }]
  })
}

/** Names of a transformer block's parts in somebody's checkpoint, each with its dot in front. */
export interface BlockNames {
  readonly query: string
  readonly key: string
  readonly value: string
  readonly output: string
  readonly up: string
  readonly down: string
  readonly normBefore: string
  readonly normAfter: string
}

/** The blocks of a tower with biases and one key head a head, in a checkpoint of PyTorch `Linear` layers. */
export function blocksInHub(
  { numLayers, embedDim, mlpRatio }: Pick<ImageTower, 'numLayers' | 'embedDim' | 'mlpRatio'>,
  { prefix, hubPrefix, names }: { prefix: string; hubPrefix: (layer: number) => string; names: BlockNames },
): HubWeight[] {
  const hidden = hiddenDimOf({ embedDim, mlpRatio })
  return Array.from({ length: numLayers }, (_, layer) => {
    const ours = `${prefix}h.${layer}.`
    const theirs = hubPrefix(layer)
    const normOf = (name: string, hubName: string): HubWeight[] =>
      ['weight', 'bias'].map((part) =>
        renamedInHub(`${ours}${name}.${part}`, [embedDim], `${theirs}${hubName}.${part}`),
      )
    const layerOf = (name: string, widths: readonly [number, number], hubNames: readonly string[]) =>
      layerInHub(
        `${ours}${name}`,
        widths,
        hubNames.map((hubName) => `${theirs}${hubName}`),
      )
    return [
      ...normOf('ln_1', names.normBefore),
      ...layerOf('attn.c_attn', [embedDim, 3 * embedDim], [names.query, names.key, names.value]),
      ...layerOf('attn.c_proj', [embedDim, embedDim], [names.output]),
      ...normOf('ln_2', names.normAfter),
      ...layerOf('mlp.c_fc', [embedDim, hidden], [names.up]),
      ...layerOf('mlp.c_proj', [hidden, embedDim], [names.down]),
    ]
  }).flat()
}
