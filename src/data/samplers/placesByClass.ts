/** The labels of a run are one array, so found once. */
const placesOfLabels = new WeakMap<Int32Array, readonly Int32Array[]>()

/** Places of each class that has any, in the order of classes. */
export function placesByClass(labels: Int32Array): readonly Int32Array[] {
  let places = placesOfLabels.get(labels)
  if (places === undefined) {
    const byClass = new Map<number, number[]>()
    labels.forEach((label, place) => {
      const own = byClass.get(label)
      if (own) own.push(place)
      else byClass.set(label, [place])
    })
    places = [...byClass.keys()].sort((a, b) => a - b).map((label) => Int32Array.from(byClass.get(label)!))
    placesOfLabels.set(labels, places)
  }
  return places
}
