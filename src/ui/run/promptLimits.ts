type Entered = number | string | null

/** What is wrong with the numbers beside a prompt, for people; empty for nothing. */
export function refusedNumbers(
  numbers: Readonly<Record<'temperature' | 'tokens' | 'beams', Entered>>,
  isAnew: boolean,
): string {
  const { temperature, tokens, beams } = numbers
  if (!isCount(beams, 64)) return 'Beams must be a whole number between 1 and 64'
  if (isAnew) return ''
  if (beams === 1 && (typeof temperature !== 'number' || temperature < 0 || temperature > 5))
    return 'Temperature must be between 0 and 5'
  return isCount(tokens, 2048) ? '' : 'Length must be a whole number between 1 and 2048'
}

function isCount(value: Entered, most: number): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most
}
