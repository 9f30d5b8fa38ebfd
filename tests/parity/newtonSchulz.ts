import { usualPolynomial, type Polynomial } from '../../src/engine/kernels/newtonSchulz/newtonSchulz.ts'
import type { GoldenCase } from './goldenCase.ts'
import { asNumber, asNumbers, malformed } from './json.ts'

/** `ns_coefficients` and `eps` of a case; torch's where it states none. */
export function polynomialOf({ params }: GoldenCase): Polynomial {
  const eps = params.takeIfThere('eps')
  const stated = params.takeIfThere('ns_coefficients') ?? params.takeIfThere('coefficients')
  const [a, b, c, ...more] =
    stated === undefined ? usualPolynomial.coefficients : asNumbers(stated, 'ns_coefficients')
  if (a === undefined || b === undefined || c === undefined || more.length > 0)
    throw malformed('params.ns_coefficients', 'three numbers', stated)
  return {
    coefficients: [a, b, c],
    leastNorm: eps === undefined ? usualPolynomial.leastNorm : asNumber(eps, 'params.eps'),
  }
}
