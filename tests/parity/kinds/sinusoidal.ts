import { sinusoidalGrid, sinusoidalTable } from '../../../src/engine/nn/sinusoidal.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import type { GoldenCase } from '../goldenCase.ts'
import { asNumbers, malformed } from '../json.ts'

export default defineKind({
  id: 'sinusoidal',
  isFor: (file) => isAbout(file, /^fixed sinusoidal positions/i),
  check(golden) {
    golden.compare('table', tableOf(golden), golden.closeness)
    return Promise.resolve()
  },
})

function tableOf(golden: GoldenCase): Float32Array {
  const style = golden.choice('style', ['interleaved', 'concatenated', '2d'])
  const dim = golden.param('dim')
  if (style === '2d') {
    const grid = golden.params.take('grid')
    const sides = asNumbers(Array.isArray(grid) ? grid : [grid, grid], 'params.grid')
    if (sides.length !== 2) throw malformed('params.grid', 'a number, or rows and columns', grid)
    return sinusoidalGrid(sides[0]!, sides[1]!, dim)
  }
  const base = golden.param('base')
  const firstPosition = golden.param('first_position')
  return sinusoidalTable(golden.param('positions'), dim, { base, firstPosition, style })
}
