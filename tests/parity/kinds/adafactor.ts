import { defineKind, isAbout } from '../defineKind.ts'
import type { GoldenCase } from '../goldenCase.ts'
import { asList, asNumber } from '../json.ts'
import { checkOptimizer, type OptimizerChoice } from '../optimizerCase.ts'

/** torch.optim.Adafactor. Where a file leaves out eps1, it is that of float64, in which expected values are made. */
function ofTorch(golden: GoldenCase, eps1: number | null, eps2: number): OptimizerChoice['params'] {
  return {
    learningRate: golden.param('lr'),
    isRelativeStep: true,
    isScaled: true,
    epsilon: eps1 ?? Number.EPSILON,
    epsilonKind: 'floor',
    leastScale: eps2,
    decayExponent: -golden.param('beta2_decay'),
    clipThreshold: golden.param('d'),
    weightDecay: golden.param('weight_decay'),
    decayKind: 'rate',
  }
}

/** transformers' Adafactor; its defaults where a case leaves something out. */
function ofPaper(golden: GoldenCase, eps1: number, eps2: number): OptimizerChoice['params'] {
  const { params } = golden
  const optional = (name: string, otherwise: number): number =>
    asNumber(params.takeIfThere(name) ?? otherwise, `params.${name}`)
  const isRelativeStep = golden.choice('relative_step', [true, false])
  return {
    // min(1e-2, 1 / sqrt(step))
    learningRate: isRelativeStep ? 1e-2 : golden.param('lr'),
    isRelativeStep,
    isScaled: golden.choice('scale_parameter', [true, false]),
    epsilon: eps1,
    leastScale: eps2,
    decayExponent: -optional('decay_rate', -0.8),
    clipThreshold: optional('clip', 1),
    beta1: optional('beta1', 0),
    weightDecay: optional('weight_decay', 0),
    decayKind: 'step',
  }
}

export default defineKind({
  id: 'adafactor',
  isFor: (file) => isAbout(file, /^adafactor(_|\b)/i),
  async check(golden, context) {
    const { params } = golden
    const isTorch = params.has('beta2_decay')
    const eps = params.takeIfThere('eps')
    const [eps1, eps2] = eps === undefined ? [isTorch ? null : 1e-30, 1e-3] : asList(eps, 'params.eps')
    const least = asNumber(eps2, 'params.eps')
    const stated = eps1 === null ? null : asNumber(eps1, 'params.eps')
    await checkOptimizer(golden, context, {
      id: 'adafactor',
      params: {
        ...(isTorch ? ofTorch(golden, stated, least) : ofPaper(golden, stated ?? 1e-30, least)),
        decayOn: 'everything',
      },
    })
  },
})
