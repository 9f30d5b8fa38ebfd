const signatureBytes = 8
/** Of a chunk: its length and type before its data, and its checksum after them. */
const aroundBytes = 12
const needed = ['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND']
/** What encoders may waste on a small picture. */
const wasteBytes = 65_536

/**
 * A PNG without chunks that its pixels do not need: profiles and texts may be packed a thousand times smaller than they
 * are, and would be unpacked. Cut where a chunk is.
 *
 * @throws Error where there is more data than such a picture can have, for the same reason
 */
export function pngChunks(bytes: Uint8Array, width: number, height: number): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const kept = [bytes.subarray(0, signatureBytes)]
  let packedBytes = 0
  for (let at = signatureBytes; at + aroundBytes <= bytes.length;) {
    const length = view.getUint32(at)
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8))
    const end = at + aroundBytes + length
    if (needed.includes(type)) kept.push(bytes.subarray(at, end))
    if (type === 'IDAT') packedBytes += length
    at = end
  }
  // At most 8 bytes a pixel; deflate makes nothing much larger.
  if (packedBytes > 2 * height * (8 * width + 2) + wasteBytes)
    throw new Error(`${packedBytes} bytes of data are too many for ${width} × ${height} pixels`)
  const out = new Uint8Array(kept.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const chunk of kept) {
    out.set(chunk, at)
    at += chunk.length
  }
  return out
}
