/** Nine base-36 digits of milliseconds last until the year 5188. */
const timeDigits = 9
const randomDigits = 8

/**
 * An id that sorts by time and that two tabs do not both make: base-36 time, then 40 random bits in base 36.
 *
 * @param random at least 5 bytes
 */
export function newRunId(nowMs: number, random: Uint8Array): string {
  if (random.length < 5) throw new RangeError(`newRunId: needs 5 random bytes, got ${random.length}`)
  let value = 0
  for (const byte of random.subarray(0, 5)) value = value * 256 + byte
  const time = Math.floor(nowMs).toString(36).padStart(timeDigits, '0')
  return `${time}${value.toString(36).padStart(randomDigits, '0')}`
}
