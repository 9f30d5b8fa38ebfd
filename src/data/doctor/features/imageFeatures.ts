import type { ImageSet } from '../../images/imageSet.ts'
import type { Matrix } from './matrix.ts'

/** Cells a side, whatever the size of the images. */
const cells = 7
/** Unsigned directions of a gradient, over half a turn. */
const directions = 9
/** Keeps cells without any ink from being divided by nothing; brightness from 0 to 1. */
const flatness = 1e-2
/** No direction of a cell counts for more (Dalal and Triggs clip at 0.2 of a block's norm). */
const mostOfBlock = 0.2

type Pictures = Pick<ImageSet, 'count' | 'height' | 'width' | 'channels' | 'pixels'>

/**
 * Histograms of oriented gradients on a grid of 7 × 7 cells (Dalal and Triggs 2005), each cell divided by the energy of the
 * four blocks of 2 × 2 cells that it lies in, averaged; and the mean brightness of each channel in each cell.
 * [count, 49 * (9 + channels)]
 */
export function imageFeatures(set: Pictures): Matrix {
  const { count, height, width, channels, pixels } = set
  const perCell = directions + channels
  const own = cells * cells * perCell
  const data = new Float32Array(count * own)
  const perImage = height * width * channels
  const grey = new Float64Array(height * width)
  for (let item = 0; item < count; item++) {
    const image = pixels.subarray(item * perImage, (item + 1) * perImage)
    const out = data.subarray(item * own, (item + 1) * own)
    for (let at = 0; at < grey.length; at++) {
      let sum = 0
      for (let channel = 0; channel < channels; channel++) sum += image[at * channels + channel]!
      grey[at] = sum / channels / 255
    }
    normalise(histograms(grey, height, width), out, perCell)
    meanColors(image, set, out)
  }
  return { rows: count, width: own, data }
}

/** Energy of gradients by cell and direction, each shared between the nearest cells and directions. */
function histograms(grey: Float64Array, height: number, width: number): Float64Array {
  const out = new Float64Array(cells * cells * directions)
  for (let y = 0; y < height; y++) {
    const [above, below] = [Math.max(0, y - 1) * width, Math.min(height - 1, y + 1) * width]
    const rows = neighbours(((y + 0.5) * cells) / height - 0.5)
    for (let x = 0; x < width; x++) {
      const dy = grey[below + x]! - grey[above + x]!
      const dx = grey[y * width + Math.min(width - 1, x + 1)]! - grey[y * width + Math.max(0, x - 1)]!
      const strength = Math.hypot(dx, dy)
      if (strength === 0) continue
      const turn = ((Math.atan2(dy, dx) / Math.PI + 1) * directions) % directions
      const first = Math.floor(turn)
      const columns = neighbours(((x + 0.5) * cells) / width - 0.5)
      for (const [row, rowShare] of rows)
        for (const [column, columnShare] of columns) {
          const at = (row * cells + column) * directions
          const share = strength * rowShare * columnShare
          out[at + (first % directions)]! += share * (1 - (turn - first))
          out[at + ((first + 1) % directions)]! += share * (turn - first)
        }
    }
  }
  return out
}

/** The two cells next to a place and their shares; at the edge the outer one has all. */
function neighbours(place: number): [number, number][] {
  const low = Math.floor(place)
  const share = place - low
  if (low < 0) return [[0, 1]]
  if (low >= cells - 1) return [[cells - 1, 1]]
  return [
    [low, 1 - share],
    [low + 1, share],
  ]
}

function normalise(energy: Float64Array, out: Float32Array, perCell: number): void {
  const ofCell = (row: number, column: number): number => {
    if (row < 0 || column < 0 || row >= cells || column >= cells) return 0
    let sum = 0
    const start = (row * cells + column) * directions
    for (let k = start; k < start + directions; k++) sum += energy[k]! ** 2
    return sum
  }
  const square = Array.from({ length: (cells + 2) ** 2 }, (_, i) =>
    ofCell(Math.floor(i / (cells + 2)) - 1, (i % (cells + 2)) - 1),
  )
  const block = (row: number, column: number): number => {
    const at = row * (cells + 2) + column
    return (
      Math.sqrt(square[at]! + square[at + 1]! + square[at + cells + 2]! + square[at + cells + 3]!) + flatness
    )
  }
  for (let row = 0; row < cells; row++)
    for (let column = 0; column < cells; column++) {
      const norms = [
        block(row, column),
        block(row, column + 1),
        block(row + 1, column),
        block(row + 1, column + 1),
      ]
      const cell = row * cells + column
      for (let k = 0; k < directions; k++) {
        const value = energy[cell * directions + k]!
        let sum = 0
        for (const norm of norms) sum += Math.min(mostOfBlock, value / norm)
        out[cell * perCell + k] = sum / norms.length / mostOfBlock
      }
    }
}

function meanColors(image: Uint8Array, { height, width, channels }: Pictures, out: Float32Array): void {
  const perCell = directions + channels
  const counts = new Float64Array(cells * cells)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const cell = Math.floor((y * cells) / height) * cells + Math.floor((x * cells) / width)
      counts[cell]!++
      for (let channel = 0; channel < channels; channel++)
        out[cell * perCell + directions + channel]! += image[(y * width + x) * channels + channel]! / 255
    }
  counts.forEach((count, cell) => {
    for (let channel = 0; channel < channels; channel++)
      out[cell * perCell + directions + channel]! /= Math.max(1, count)
  })
}
