import type { LabBackend } from '../backend/labBackend.ts'
import type { Tensor, Tensor2D } from '../backend/tfjs.ts'
import { bindings, elementGrid, forEachElement, units } from './wgsl.ts'

interface ScaledSlopes {
  /** One or two, of one width. */
  readonly slopes: readonly Tensor2D[]
  /** Written in full, each as large as its slopes. */
  readonly outputs: readonly Tensor2D[]
  /** Float32 numbers of which each first one counts. */
  readonly factors: readonly Tensor[]
}

/** Gradients that were made in the forward pass times the product of the factors, in one dispatch. */
export function scaledSlopes(backend: LabBackend, { slopes, outputs, factors }: ScaledSlopes): void {
  const { type, count } = units(slopes[0]!.shape[1])
  const named = (name: string, many: readonly unknown[], of: string): Record<string, string> =>
    Object.fromEntries(many.map((_, k) => [`${name}${k}`, of]))
  const lengths = outputs.map((_, k) => `arrayLength(&y${k})`)
  backend.dispatch({
    key: `scaledSlopes ${type} ${slopes.length} ${factors.length}`,
    wgsl: () =>
      bindings(named('y', outputs, type), {
        ...named('x', slopes, type),
        ...named('factor', factors, 'f32'),
      }) +
      `fn each(i: u32) {
  let factor = ${factors.map((_, k) => `factor${k}[0]`).join(' * ')};
${outputs.map((_, k) => `  if (i < ${lengths[k]}) { y${k}[i] = x${k}[i] * factor; }`).join('\n')}
}
` +
      forEachElement(lengths.length === 1 ? lengths[0]! : `max(${lengths.join(', ')})`),
    writes: outputs,
    reads: [...slopes, ...factors],
    grid: elementGrid(backend, Math.max(...slopes.map(({ shape }) => shape[0])) * count),
  })
}
