import type { Dispatch } from '../../backend/dispatch.ts'
import type { LabBackend } from '../../backend/labBackend.ts'
import type { BufferRange } from '../../backend/plannedBuffer.ts'
import { bindings, constants, elementGrid, finiteness, forEachElement } from '../wgsl.ts'
import flatUpdateBody from './flatUpdate.wgsl?raw'

/** How an optimizer changes four neighbouring numbers of a weight. */
export interface FlatUpdateRule {
  /** Identifies the text. */
  readonly key: string
  /**
   * WGSL statements that change `p` (the weights) and a variable for each slot, all `vec4<f32>`, given the clipped
   * gradient `g` and a `let` of type f32 for each name in `numbers`.
   */
  readonly body: string
  readonly slots: readonly string[]
  /** Names of the numbers that a group of weights is updated with, in the order of the moment. */
  readonly numbers: readonly string[]
}

/** One page of weights that learn. All but `parameters` are of one length, a multiple of 128 elements. */
export interface FlatPage {
  /** Holds the weights among others. */
  readonly parameters: BufferRange
  readonly gradients: BufferRange
  readonly slots: readonly BufferRange[]
  /** For each block of 128 elements: block in `parameters`, group. */
  readonly table: GPUBuffer
  readonly blocks: number
}

/** f32 numbers of each group, padded to a multiple of 4. */
export function momentStride(rule: FlatUpdateRule): number {
  return Math.ceil(rule.numbers.length / 4) * 4
}

/**
 * Updates all weights of a page in place, in one dispatch; none of them where the norm is not finite.
 * @param moment [groups, momentStride] f32, as a uniform
 * @param clip [2] f32: factor on every gradient, norm of all gradients
 */
export function flatUpdate(
  backend: LabBackend,
  rule: FlatUpdateRule,
  page: FlatPage,
  { moment, clip }: { moment: BufferRange; clip: BufferRange },
): void {
  const { slots } = rule
  const quads = page.blocks * 32
  const stride = momentStride(rule) / 4
  const vectors = moment.size / 16
  const dispatch: Dispatch = {
    key: `flatUpdate ${rule.key} ${quads} ${vectors}`,
    wgsl: () => {
      const vec4s = (names: readonly string[]): Record<string, string> =>
        Object.fromEntries(names.map((name) => [name, 'vec4<f32>']))
      const declarations = bindings(
        vec4s(['parameter', ...slots.map((slot) => `all_${slot}`)]),
        { ...vec4s(['gradient']), places: 'vec2<u32>', clip: 'f32' },
        `moment: array<vec4<f32>, ${vectors}>`,
      )
      const lines = [
        ...slots.map((slot) => `var ${slot} = all_${slot}[i];`),
        ...rule.numbers.map(
          (name, n) => `let ${name} = u.moment[place.y * ${stride}u + ${n >> 2}u][${n & 3}];`,
        ),
        rule.body,
        ...slots.map((slot) => `all_${slot}[i] = ${slot};`),
      ]
      return (
        declarations +
        constants({ QUADS: quads }) +
        finiteness +
        flatUpdateBody.replace('UPDATE', lines.join('\n  ')) +
        forEachElement('QUADS')
      )
    },
    writes: [page.parameters, ...page.slots],
    reads: [page.gradients, page.table, clip],
    uniforms: moment,
    grid: elementGrid(backend, quads),
  }
  backend.dispatch(dispatch)
}
