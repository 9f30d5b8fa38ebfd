import { sinusoidalGrid, sinusoidalTable } from '../../../src/engine/nn/sinusoidal.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import type { GoldenCase } from '../goldenCase.ts'

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
    const side = golden.param('grid')
    return sinusoidalGrid(side, side, dim)
  }
  const base = golden.param('base')
  const firstPosition = golden.param('first_position')
  return sinusoidalTable(golden.param('positions'), dim, { base, firstPosition, style })
}
