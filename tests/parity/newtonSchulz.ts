import { coefficients, leastNorm } from '../../src/engine/kernels/newtonSchulz/newtonSchulz.ts'
import { Unsupported } from './unsupported.ts'

/** The engine has one polynomial. */
export function refuseOtherNewtonSchulz(given: readonly number[], eps: number): void {
  if (given.join() !== coefficients.join())
    throw new Unsupported(
      `params.ns_coefficients are ${given.join(', ')}, the engine has ${coefficients.join(', ')}`,
    )
  if (eps !== leastNorm) throw new Unsupported(`params.eps is ${eps}, the engine has ${leastNorm}`)
}
