/** A kind of personal data: where it may stand in a text, and whether what stands there is it. */
export interface PersonalKind {
  readonly name: string
  readonly pattern: RegExp
  isOne(match: string): boolean
  readonly confidence: number
}

/** Longer texts are searched by their beginning, so that no pattern meets more than this. UTF-16 units. */
export const longestSearched = 100_000

const digitsOf = (text: string): string => text.replaceAll(/\D/g, '')

/** The check digit of card numbers (ISO/IEC 7812-1, after Luhn). */
export function passesLuhn(digits: string): boolean {
  let sum = 0
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i])
    const value = i % 2 === 1 ? 2 * digit : digit
    sum += value > 9 ? value - 9 : value
  }
  return sum % 10 === 0
}

/** The remainder of an IBAN by 97 must be 1 (ISO 13616; letters are 10 to 35, the first four characters go last). */
export function passesMod97(iban: string): boolean {
  const turned = iban.slice(4) + iban.slice(0, 4)
  let rest = 0
  for (const sign of turned)
    for (const digit of String(parseInt(sign, 36))) rest = (rest * 10 + Number(digit)) % 97
  return rest === 1
}

/** Every repetition is bounded and none is nested, so that no text makes them slow. */
export const personalKinds: readonly PersonalKind[] = [
  {
    name: 'e-mail addresses',
    pattern: /(?<![\w.+-])[\w.+-]{1,64}@(?:[a-z0-9-]{1,63}\.){1,4}[a-z]{2,24}\b/giu,
    isOne: (match) => !/@example\.(com|org|net)$/i.test(match),
    confidence: 0.98,
  },
  {
    name: 'card numbers',
    pattern: /(?<![\d.-])\d(?:[ -]?\d){12,18}(?![\d.-]?\d)/gu,
    // Issuers of payment cards: 3 to 6, and 2221 to 2720; one digit all over is no number.
    isOne: (match) => {
      const digits = digitsOf(match)
      return /^[3-6]|^2[2-7]/.test(digits) && !/^(\d)\1+$/.test(digits) && passesLuhn(digits)
    },
    confidence: 0.9,
  },
  {
    name: 'IBANs',
    pattern: /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b/gu,
    isOne: (match) => passesMod97(match.replaceAll(' ', '')),
    confidence: 0.99,
  },
  {
    name: 'phone numbers',
    pattern:
      /(?<![\w.+-])(?:\+\d{1,3}[ .-]?(?:\(\d{1,4}\)[ .-]?)?\d{1,4}(?:[ .-]?\d{2,4}){2,4}|\(\d{3}\) ?\d{3}[ .-]\d{4}|\d{3}[.-]\d{3}[.-]\d{4})(?![\w-])/gu,
    isOne: (match) => digitsOf(match).length >= 9 && digitsOf(match).length <= 15,
    confidence: 0.8,
  },
  {
    name: 'IP addresses',
    pattern: /(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]\d)/gu,
    isOne: (match) =>
      match.split('.').every((part) => Number(part) <= 255 && String(Number(part)) === part) &&
      !/^(0|10|127|255)\.|^192\.168\./.test(match),
    confidence: 0.7,
  },
]

/** What may be told of it: the first and the last sign, whatever it is. */
export function masked(match: string): string {
  const signs = Array.from(match)
  return `${signs[0]}${'*'.repeat(Math.max(1, signs.length - 2))}${signs.length > 2 ? signs.at(-1) : ''}`
}

/** A text that may be passed on: what looks like personal data is masked. A very long text loses its end, which is not searched. */
export function withoutPersonalData(text: string): string {
  return personalKinds.reduce(
    (safe, { pattern, isOne }) => safe.replaceAll(pattern, (match) => (isOne(match) ? masked(match) : match)),
    text.slice(0, longestSearched),
  )
}
