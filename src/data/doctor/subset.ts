import type { DoctorSet } from './doctorSet.ts'

/** Some items of a set, in the order of `places`. */
export function subset(set: DoctorSet, places: Int32Array): DoctorSet {
  const { images, labels, parts } = set
  const pick = (cells: readonly string[]) => Array.from(places, (place) => cells[place]!)
  const perImage = images === null ? 0 : images.height * images.width * images.channels
  const pixels = new Uint8Array(places.length * perImage)
  if (images !== null)
    places.forEach((place, i) =>
      pixels.set(images.pixels.subarray(place * perImage, (place + 1) * perImage), i * perImage),
    )
  const ownLabels = labels && places.map((place) => labels.values[place]!)
  const columns = set.columns.map((column) => ({ ...column, cells: pick(column.cells) }))
  const partPlace = set.columns.findIndex(({ cells }) => cells === parts)
  return {
    ...set,
    count: places.length,
    columns,
    images: images && {
      ...images,
      count: places.length,
      pixels,
      labels: images.labels.length > 0 ? places.map((place) => images.labels[place]!) : images.labels,
      captions: images.captions.length > 0 ? pick(images.captions) : [],
    },
    labels: labels && { ...labels, values: ownLabels! },
    parts: partPlace >= 0 ? columns[partPlace]!.cells : parts && pick(parts),
  }
}
