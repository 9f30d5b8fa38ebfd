export interface AvifHead {
  /** Of the largest picture in the file, before it is turned. */
  readonly width: number
  readonly height: number
  /** How the picture is turned and mirrored, one after the other, as EXIF counts. */
  readonly orientations: readonly number[]
}

interface Box {
  readonly name: string
  readonly data: DataView
}

/** What the file format says before anything is decoded: ISO/IEC 23008-12 (HEIF), 6.5.3 (ispe), 6.5.10 (irot), 6.5.12 (imir), 9.3. */
export function avifHead(bytes: Uint8Array): AvifHead {
  try {
    const top = boxesOf(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0)
    const meta = boxesOf(need(top, 'meta'), 4)
    const properties = boxesOf(need(meta, 'iprp'), 0)
    const all = boxesOf(need(properties, 'ipco'), 0)
    const sizes = all
      .filter(({ name }) => name === 'ispe')
      .map(({ data }) => ({ width: data.getUint32(4), height: data.getUint32(8) }))
    if (sizes.length === 0) throw new Error('damaged')
    const largest = sizes.reduce((a, b) => (b.width * b.height > a.width * a.height ? b : a))
    const primary = primaryItem(need(meta, 'pitm'))
    const orientations = associated(need(properties, 'ipma'), primary).flatMap((place) =>
      orientationOf(all[place - 1]),
    )
    return { ...largest, orientations }
  } catch (error) {
    if (error instanceof RangeError) throw new Error('cut off', { cause: error })
    throw error
  }
}

function orientationOf(box: Box | undefined): number[] {
  // Quarters of a turn against the clock; 0 exchanges top and bottom, 1 left and right.
  if (box?.name === 'irot') return [[1, 8, 3, 6][box.data.getUint8(0) & 3]!]
  if (box?.name === 'imir') return [[4, 2][box.data.getUint8(0) & 1]!]
  return []
}

function boxesOf(data: DataView, start: number): Box[] {
  const boxes: Box[] = []
  for (let at = start; at + 8 <= data.byteLength;) {
    const size = data.getUint32(at)
    const name = String.fromCharCode(...Array.from({ length: 4 }, (_, k) => data.getUint8(at + 4 + k)))
    // 0: to the end; 1: a size of eight bytes follows.
    const head = size === 1 ? 16 : 8
    const whole = size === 0 ? data.byteLength - at : size === 1 ? data.getUint32(at + 12) : size
    if (whole < head) throw new Error('damaged')
    const length = Math.min(whole, data.byteLength - at) - head
    boxes.push({ name, data: new DataView(data.buffer, data.byteOffset + at + head, Math.max(length, 0)) })
    at += whole
  }
  return boxes
}

function need(boxes: readonly Box[], name: string): DataView {
  const found = boxes.find((box) => box.name === name)
  if (!found) throw new Error('damaged')
  return found.data
}

function primaryItem(pitm: DataView): number {
  return pitm.getUint8(0) === 0 ? pitm.getUint16(4) : pitm.getUint32(4)
}

/** Numbers of the properties of an item, from 1, in order. */
function associated(ipma: DataView, item: number): number[] {
  const version = ipma.getUint8(0)
  const isWide = (ipma.getUint8(3) & 1) === 1
  const entries = ipma.getUint32(4)
  let at = 8
  for (let entry = 0; entry < entries; entry++) {
    const id = version < 1 ? ipma.getUint16(at) : ipma.getUint32(at)
    at += version < 1 ? 2 : 4
    const count = ipma.getUint8(at++)
    const found = Array.from({ length: count }, (_, k) =>
      isWide ? ipma.getUint16(at + 2 * k) & 0x7fff : ipma.getUint8(at + k) & 0x7f,
    )
    if (id === item) return found
    at += count * (isWide ? 2 : 1)
  }
  return []
}
