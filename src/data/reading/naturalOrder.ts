/**
 * Orders names as people number them: `part 2` before `part 10`. By code units otherwise, so that every browser
 * and language joins the same files in the same order.
 */
export function compareNames(a: string, b: string): number {
  const partsA = a.split(/(\d+)/)
  const partsB = b.split(/(\d+)/)
  for (let i = 0; i < Math.min(partsA.length, partsB.length); i++) {
    const order = i % 2 === 1 ? compareDigits(partsA[i]!, partsB[i]!) : compareUnits(partsA[i]!, partsB[i]!)
    if (order !== 0) return order
  }
  return partsA.length - partsB.length || compareUnits(a, b)
}

function compareUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Digits may be longer than a number holds. */
function compareDigits(a: string, b: string): number {
  const shortA = a.replace(/^0+/, '')
  const shortB = b.replace(/^0+/, '')
  return shortA.length - shortB.length || compareUnits(shortA, shortB)
}
