import { Generator } from '../core/rng.ts'
import type { DataConfig } from '../core/runConfig.ts'
import type { Drawing } from './itemBatch.ts'

/** Mixing of two pictures of a batch: the next row's takes part of each. */
export interface Mix {
  /** Share that stays each picture's own, 0 to 1. */
  readonly share: number
  /** Part that the other takes; null where both are laid over each other. */
  readonly box: {
    readonly top: number
    readonly left: number
    readonly bottom: number
    readonly right: number
  } | null
}

interface Size {
  readonly height: number
  readonly width: number
}

/**
 * How the pictures of a batch are mixed, the same for all of them: mixup (Zhang et al. 2018) or CutMix (Yun et al. 2019), with
 * a share from Beta(alpha, alpha). null where they are not.
 */
export function drawMix(mixing: DataConfig['mixing'], drawing: Drawing, { height, width }: Size): Mix | null {
  if (mixing.kind === 'none' || drawing === null) return null
  const { seed, step, firstRow } = drawing
  const generator = new Generator(seed, 'mixing')
  // Room for the numbers that the share takes.
  const first = 4096 * firstRow
  const share = drawBeta(mixing.alpha, (index) => generator.uniform(step, first + 2 + index))
  if (mixing.kind === 'mixup') return { share, box: null }
  const side = Math.sqrt(1 - share)
  const middle = (index: number, length: number) =>
    Math.floor(generator.uniform(step, first + index) * length)
  const [y, x] = [middle(0, height), middle(1, width)]
  const within = (value: number, most: number) => Math.min(most, Math.max(0, value))
  const [high, wide] = [Math.floor((side * height) / 2), Math.floor((side * width) / 2)]
  const box = {
    top: within(y - high, height),
    bottom: within(y + high, height),
    left: within(x - wide, width),
    right: within(x + wide, width),
  }
  const taken = (box.bottom - box.top) * (box.right - box.left)
  return { share: 1 - taken / (height * width), box }
}

/** Beta(alpha, alpha) as the ratio of two gammas. */
function drawBeta(alpha: number, draw: (index: number) => number): number {
  const [a, b] = [drawGamma(alpha, draw), drawGamma(alpha, (index) => draw(2048 + index))]
  return a + b > 0 ? a / (a + b) : 0.5
}

/** Gamma(alpha, 1), by Marsaglia and Tsang (2000); below 1 by their boost. */
function drawGamma(alpha: number, draw: (index: number) => number): number {
  if (alpha < 1) return drawGamma(alpha + 1, draw) * (1 - draw(2047)) ** (1 / alpha)
  const d = alpha - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  for (let index = 0; index < 2040; index += 3) {
    // Box and Muller.
    const normal = Math.sqrt(-2 * Math.log(1 - draw(index))) * Math.cos(2 * Math.PI * draw(index + 1))
    const v = (1 + c * normal) ** 3
    if (v > 0 && Math.log(1 - draw(index + 2)) < 0.5 * normal ** 2 + d - d * v + d * Math.log(v)) return d * v
  }
  return d // never, in practice: each round is taken with more than 95 %
}

/** Pictures [B, height, width, channels], each mixed with that of the row after it; the last with the first. */
export function mixPictures(
  values: Float32Array,
  { share, box }: Mix,
  size: Size & { channels: number },
): Float32Array {
  const { height, width, channels } = size
  const perItem = height * width * channels
  const out = values.slice()
  for (let at = 0; at < values.length; at++) {
    const other = values[(at + perItem) % values.length]!
    if (box === null) {
      out[at] = share * values[at]! + (1 - share) * other
      continue
    }
    const pixel = Math.floor((at % perItem) / channels)
    const [y, x] = [Math.floor(pixel / width), pixel % width]
    if (y >= box.top && y < box.bottom && x >= box.left && x < box.right) out[at] = other
  }
  return out
}

/** Distributions [B, C] of the classes of mixed pictures; of their own alone where they are not mixed. Nothing for a label below 0. */
export function mixLabels(labels: Int32Array, numClasses: number, mix: Mix | null): Float32Array {
  const out = new Float32Array(labels.length * numClasses)
  const share = mix?.share ?? 1
  const add = (row: number, label: number, part: number) => {
    if (label >= 0) out[row * numClasses + label]! += part
  }
  labels.forEach((label, row) => {
    add(row, label, share)
    if (share < 1) add(row, labels[(row + 1) % labels.length]!, 1 - share)
  })
  return out
}
