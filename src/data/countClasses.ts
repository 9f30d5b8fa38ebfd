/** How many of these items have each class; of labels below 0, which are none, nothing. */
export function countClasses(numClasses: number, labels: Int32Array, places: Int32Array): number[] {
  const counts = Array.from({ length: numClasses }, () => 0)
  for (const place of places) {
    const label = labels[place]!
    if (label >= 0) counts[label]!++
  }
  return counts
}
