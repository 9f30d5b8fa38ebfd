import { Generator } from '../../core/rng.ts'
import { defineSplit, fractionField, tooShortToSplit, type Stretch } from './defineSplit.ts'

export default defineSplit({
  id: 'blocks',
  order: 1,
  version: 1,
  usesSeed: true,
  of: 'text',
  title: 'Random blocks',
  summary:
    'Keeps blocks drawn from all over the text: both parts are alike, as fits collections of many short texts.',
  fields: {
    fraction: fractionField,
    blockCharacters: {
      type: 'int',
      label: 'Block length',
      help: 'Should be many times the length of a sequence: where blocks were taken out, their neighbours meet.',
      default: 10000,
      min: 100,
      max: 10000000,
      scale: 'log',
      unit: 'characters',
    },
  },
  validation(length, { fraction, blockCharacters }, seed) {
    const blocks = Math.ceil(length / blockCharacters)
    if (blocks < 2) {
      throw tooShortToSplit(
        length,
        blockCharacters + 1,
        `Lower the block length to at most ${Math.max(1, Math.floor(length / 10))}, or split off the end instead.`,
      )
    }
    const kept = Math.min(blocks - 1, Math.max(1, Math.round(blocks * fraction)))
    const chosen = new Generator(seed, 'split').permutation(blocks).subarray(0, kept).sort()
    const stretches: Stretch[] = []
    for (const block of chosen) {
      const start = block * blockCharacters
      const end = Math.min(length, start + blockCharacters)
      const last = stretches.at(-1)
      if (last?.end === start) stretches[stretches.length - 1] = { start: last.start, end }
      else stretches.push({ start, end })
    }
    return stretches
  },
})
