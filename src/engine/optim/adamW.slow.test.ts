import { expect, it } from 'vitest'
import { defaultsOf } from '../../core/schema.ts'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { describeGoldens, values, type GoldenTensor } from '../../../tests/helpers/goldens.ts'
import { expectClose } from '../../../tests/helpers/kernels.ts'
import * as tf from '../backend/tfjs.ts'
import type { ParameterSpec } from '../nn/parameter.ts'
import adamW from './adamW.ts'
import { LabBackend } from '../backend/labBackend.ts'
import { clipByGlobalNorm } from '../kernels/globalNorm/globalNorm.ts'
import { layOut, pageLimit } from '../parameters/layout.ts'
import { createTensorStore } from '../parameters/tensorStore.ts'
import { applyGradients } from '../../../tests/helpers/optimizers.ts'
import { Updater } from './updater.ts'

type Settings = Record<string, number | string | boolean>
type Params = ReturnType<typeof defaultsOf>

/** One weight and its optimizer state, stepped with given gradients. */
function stepper(settings: Settings, init: tf.Tensor, kind: ParameterSpec['kind'] = 'matrix') {
  const params: Params = { ...defaultsOf(adamW.fields), ...settings }
  const spec: ParameterSpec = { name: 'w', shape: init.shape, kind, init: { kind: 'constant', value: 0 } }
  const weights = createTensorStore(layOut([spec], pageLimit()), 'weights')
  weights.write('w', Float32Array.from(init.dataSync()))
  const learners = [{ spec, learningRateMultiplier: 1, weightDecay: null }]
  const updater = new Updater({ optimizer: adamW, params, learners, weights })
  let step = 0
  return {
    parameter: weights.variables.get('w')!,
    read: async () => (await weights.read()).get('w')!,
    update(gradient: tf.Tensor, learningRate: number, maxNorm = 0) {
      applyGradients(updater, [gradient], { learningRate, step: ++step }, maxNorm)
      const backend = tf.backend()
      if (backend instanceof LabBackend) backend.forgetHostCopy(this.parameter)
    },
    dispose() {
      updater.dispose()
      weights.dispose()
    },
  }
}

/** The same in float64 with plain loops, as the papers write it. */
function reference(
  settings: Settings,
  init: readonly number[],
  gradients: readonly (readonly number[])[],
  rate: number,
): number[] {
  const p = { ...defaultsOf(adamW.fields), ...settings } as Record<string, number>
  const [beta1, beta2, epsilon, decay] = [p['beta1']!, p['beta2']!, p['epsilon']!, p['weightDecay']!]
  return init.map((start, i) => {
    let [w, m, v, vMax] = [start, 0, 0, 0]
    gradients.forEach((gradient, k) => {
      const g = gradient[i]! + (settings['decayKind'] === 'l2' ? decay * w : 0)
      m = beta1 * m + (1 - beta1) * g
      v = beta2 * v + (1 - beta2) * g * g
      vMax = Math.max(vMax, v)
      const root = Math.sqrt((settings['isAmsgrad'] ? vMax : v) / (1 - beta2 ** (k + 1)))
      if (settings['decayKind'] !== 'l2') w -= rate * decay * w
      w -= (rate * (m / (1 - beta1 ** (k + 1)))) / (root + epsilon)
    })
    return w
  })
}

interface AdamCase {
  name: string
  params: {
    kind: string
    lr: number
    betas: [number, number]
    eps: number
    weight_decay: number
    amsgrad?: boolean
  }
  expected: {
    problem: { loss_before_step: number[]; params_after_step: Record<'W1' | 'b1' | 'W2', GoldenTensor> }
    replay: { params_after_step: GoldenTensor }
  }
  tolerance: { problem_params_abs: number; replay_params_abs: number }
}
interface AdamFile {
  problem: { X: GoldenTensor; Y: GoldenTensor; init: Record<'W1' | 'b1' | 'W2', GoldenTensor> }
  replay: { init: GoldenTensor; gradients: GoldenTensor }
  cases: AdamCase[]
}

function settingsOf({ params }: AdamCase): Settings {
  return {
    beta1: params.betas[0],
    beta2: params.betas[1],
    epsilon: params.eps,
    weightDecay: params.weight_decay,
    decayOn: 'everything',
    decayKind: params.kind === 'adam' ? 'l2' : 'decoupled',
    isAmsgrad: params.amsgrad ?? false,
  }
}
const toTensor = (golden: GoldenTensor) => tf.tensor(values(golden), golden.shape, 'float32')

await describeOnDevices('AdamW', () => {
  describeGoldens<AdamFile>('optim/adamw.json', ({ problem, replay, cases }) => {
    it.each(cases.map((golden) => [golden.name, golden] as const))(
      '%s: 20 steps of given gradients',
      async (_name, golden) => {
        const weight = stepper(settingsOf(golden), toTensor(replay.init))
        const gradients = tf.unstack(toTensor(replay.gradients))
        const expected = values(golden.expected.replay.params_after_step)
        for (const [k, gradient] of gradients.entries()) {
          weight.update(gradient, golden.params.lr)
          const bound = { rtol: 0, atol: golden.tolerance.replay_params_abs }
          expectClose(
            (await weight.parameter.data()).slice(),
            expected.slice(12 * k, 12 * k + 12),
            bound,
            `after step ${k}`,
          )
        }
      },
    )

    it.each(cases.map((golden) => [golden.name, golden] as const))(
      '%s: 20 steps of a two-layer problem',
      async (_name, golden) => {
        const [x, y] = [toTensor(problem.X) as tf.Tensor2D, toTensor(problem.Y)]
        const names = ['W1', 'b1', 'W2'] as const
        const weights = names.map((name) => stepper(settingsOf(golden), toTensor(problem.init[name])))
        const [w1, b1, w2] = weights.map(({ parameter }) => parameter) as [
          tf.Variable,
          tf.Variable,
          tf.Variable,
        ]
        for (let k = 0; k < 20; k++) {
          const { value, grads } = tf.variableGrads(() => {
            const hidden = tf.tanh(tf.add(tf.matMul(x, w1 as tf.Tensor2D), b1)) as tf.Tensor2D
            return tf.mean(tf.square(tf.sub(tf.matMul(hidden, w2 as tf.Tensor2D), y)))
          }, [w1, b1, w2])
          expect((await value.data())[0]).toBeCloseTo(golden.expected.problem.loss_before_step[k]!, 4)
          weights.forEach((weight) => weight.update(grads[weight.parameter.name]!, golden.params.lr))
          for (const [i, name] of names.entries()) {
            const { size } = weights[i]!.parameter
            const expected = values(golden.expected.problem.params_after_step[name]).slice(
              size * k,
              size * (k + 1),
            )
            const bound = { rtol: 0, atol: golden.tolerance.problem_params_abs }
            expectClose(
              (await weights[i]!.parameter.data()).slice(),
              expected,
              bound,
              `${name} after step ${k}`,
            )
          }
        }
      },
    )
  })

  const start = [1, -2, 0.5, 0]
  const path = [
    [0.1, -3, 0, 1e-4],
    [-0.2, 5, 0, 1e-4],
    [0.3, 0.01, 1e3, -1e-4],
  ]
  const kinds: Record<string, Settings> = {
    'decoupled decay': {},
    'L2 decay': { decayKind: 'l2' },
    AMSGrad: { isAmsgrad: true },
    'AMSGrad with L2 decay': { isAmsgrad: true, decayKind: 'l2', beta2: 0.5 },
  }
  it.each(Object.entries(kinds))('%s equals plain loops', async (_name, settings) => {
    const weight = stepper(settings, tf.tensor1d(start))
    path.forEach((gradient) => weight.update(tf.tensor1d(gradient), 0.05))
    expectClose(await weight.parameter.data(), reference(settings, start, path, 0.05), {
      rtol: 1e-5,
      atol: 1e-6,
    })
    weight.dispose()
  })

  it('decays only the kinds of weights that it is told to', async () => {
    const moved = async (decayOn: string, kind: ParameterSpec['kind']) => {
      const weight = stepper({ decayOn }, tf.tensor1d([1]), kind)
      weight.update(tf.tensor1d([0]), 0.5)
      const [value] = await weight.parameter.data()
      return value !== 1
    }
    for (const [decayOn, decayed] of [
      ['matrices', ['matrix']],
      ['matrices-and-embeddings', ['matrix', 'embedding']],
      ['everything', ['matrix', 'embedding', 'vector']],
    ] as const) {
      for (const kind of ['matrix', 'embedding', 'vector'] as const) {
        expect([decayOn, kind, await moved(decayOn, kind)]).toEqual([
          decayOn,
          kind,
          (decayed as readonly string[]).includes(kind),
        ])
      }
    }
  })

  it('takes the clipped gradient, and leaves no tensor behind', async () => {
    for (const settings of Object.values(kinds)) {
      const [a, b] = [stepper(settings, tf.tensor1d(start)), stepper(settings, tf.tensor1d(start))]
      const [whole, half] = [tf.tensor1d([4, 2, -5, 6]), tf.tensor1d([2, 1, -2.5, 3])]
      const before = tf.memory().numTensors
      // norm 9, made 4.5
      a.update(whole, 0.1, 4.5)
      b.update(half, 0.1)
      expect(tf.memory().numTensors).toBe(before)
      expectClose(await a.read(), await b.read(), { rtol: 1e-6, atol: 0 })
    }
  })

  it('leaves the weights alone where a gradient is not finite', async () => {
    const weight = stepper({}, tf.tensor1d(start))
    weight.update(tf.tensor1d([1, NaN, 0, 2]), 0.1)
    weight.update(tf.tensor1d([1, 2, -Infinity, 2]), 0.1)
    expect([...(await weight.read())]).toEqual(start)
    weight.dispose()
  })

  interface ClipCase {
    name: string
    params: { max_norm: number }
    inputs: Record<string, GoldenTensor>
    expected: { total_norm: number } & Record<string, GoldenTensor>
    tolerance: { rel: number }
  }
  describeGoldens<{ cases: ClipCase[] }>('optim/clip_grad_norm.json', ({ cases }) => {
    it.each(cases.map((golden) => [golden.name, golden] as const))(
      '%s',
      async (_name, { params, inputs, expected, tolerance }) => {
        const gradients = Object.values(inputs).map(toTensor)
        const [factor, norm] = tf.unstack(clipByGlobalNorm(gradients, params.max_norm))
        expect((await norm!.data())[0]! / expected.total_norm).toBeCloseTo(1, 5)
        for (const [i, gradient] of gradients.entries()) {
          const clipped = await tf.mul(gradient, factor!).data()
          expectClose(clipped, values(expected[`clipped[${i}]`]!), { rtol: tolerance.rel, atol: 0 })
        }
      },
    )
  })

  it('does not clip where the longest length is 0', async () => {
    expect([...(await clipByGlobalNorm([tf.tensor1d([3e4, 4e4])], 0).data())]).toEqual([1, 5e4])
  })
})
