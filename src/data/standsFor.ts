/** What a standardised number was, to as many decimals as its 32 bits are good for. */
export function standsFor(
  number: number,
  { mean, deviation }: { readonly mean: number; readonly deviation: number },
): string {
  const rounding = deviation * Math.max(1, Math.abs(number)) * 2 ** -20
  const decimals = Math.min(20, Math.max(0, Math.floor(-Math.log10(rounding))))
  return String(Number((number * deviation + mean).toFixed(decimals)))
}
