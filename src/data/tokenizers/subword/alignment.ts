/** A character with what belongs to it: marks, the later parts of Hangul, and controls that may be taken out of it. */
const clusters = /[\s\S](?:(?!\s)[\p{M}\p{C}\u1161-\u11ff\u{16d40}-\u{16d7f}])*/gu

/** Where each place of the normalised text stands in the text; a place inside a character is where that begins. */
export interface Aligned {
  readonly text: string
  /** One more than UTF-16 units of the normalised text. */
  readonly places: Int32Array
}

/** A text normalised character by character, with where each place came from. */
export function alignNormalized(text: string, normalize: (text: string) => string): Aligned {
  const parts: string[] = []
  const places: number[] = [0]
  let end = 0
  for (const [cluster] of text.matchAll(clusters)) {
    const own = normalize(cluster)
    parts.push(own)
    for (let i = 1; i < own.length; i++) places.push(end)
    end += cluster.length
    if (own.length > 0) places.push(end)
    else places[places.length - 1] = end
  }
  return { text: parts.join(''), places: Int32Array.from(places) }
}
