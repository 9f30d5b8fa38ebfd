import * as tf from '../../../src/engine/backend/tfjs.ts'
import { clipByGlobalNorm, type GlobalNorm } from '../../../src/engine/kernels/globalNorm/globalNorm.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import { toDevice } from '../goldenTensor.ts'
import { asNumber } from '../json.ts'
import { Unsupported } from '../unsupported.ts'

/** torch takes a number, infinity among them, which JSON has in words only. */
const kinds: Readonly<Record<string, GlobalNorm>> = { 1: 'l1', 2: 'l2', inf: 'max', Infinity: 'max' }

export default defineKind({
  id: 'clip_grad_norm',
  isFor: (file) => isAbout(file, /^gradient clipping by global norm/i),
  async check(golden, context) {
    const maxNorm = golden.param('max_norm')
    // The engine takes 0 for "no clipping", torch for "all to zero".
    if (maxNorm <= 0) throw new Unsupported(`params.max_norm is ${maxNorm}, the engine clips to norms over 0`)
    const normType = golden.params.takeIfThere('norm_type') ?? 2
    const kind = kinds[String(normType)]
    if (kind === undefined)
      throw new Unsupported(`params.norm_type is ${JSON.stringify(normType)}, the engine has 1, 2 and "inf"`)
    await context.device()
    const gradients = golden.inputs.names.map((name) => toDevice(golden.input(name)))
    const computed = tf.tidy(() => {
      const [factor, norm] = tf.unstack(clipByGlobalNorm(gradients, maxNorm, kind)) as [tf.Scalar, tf.Scalar]
      return [norm, ...gradients.map((gradient) => tf.mul(gradient, factor))]
    })
    const [norm, ...clipped] = await Promise.all(computed.map((tensor) => tensor.data<'float32'>()))
    tf.dispose([...computed, ...gradients])
    const wanted = asNumber(golden.expected.take('total_norm'), 'expected.total_norm')
    golden.comparison.number('total_norm', norm![0]!, wanted, golden.closeness)
    golden.inputs.names.forEach((name, i) => {
      golden.compare(name.replace(/^gradients/, 'clipped'), clipped[i]!, golden.closeness)
    })
  },
})
