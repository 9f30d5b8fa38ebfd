/** A NumPy array file (version 1, C order) of a dtype as NumPy writes it: `<f8`, `|u1`, `<U3`, … */
export function npyFile(
  descr: string,
  shape: readonly number[],
  values: ArrayLike<number | bigint | string>,
): Uint8Array {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(', ')
  const dict = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${sizes}), }`
  const header = `${dict}${' '.repeat(63 - ((10 + dict.length) % 64))}\n`
  const kind = descr[1]!
  const itemBytes = Number(descr.slice(2)) * (kind === 'U' ? 4 : 1)
  const bytes = new Uint8Array(10 + header.length + itemBytes * values.length)
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length & 255, header.length >> 8])
  bytes.set(new TextEncoder().encode(header), 10)
  const view = new DataView(bytes.buffer, 10 + header.length)
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    const at = i * itemBytes
    if (typeof value === 'string')
      [...value].forEach((character, k) => view.setUint32(at + 4 * k, character.codePointAt(0)!, true))
    else if (kind === 'f') view[itemBytes === 4 ? 'setFloat32' : 'setFloat64'](at, Number(value), true)
    else if (itemBytes === 8) view.setBigInt64(at, BigInt(value), true)
    else if (itemBytes === 4) view.setInt32(at, Number(value), true)
    else view.setUint8(at, Number(value))
  }
  return bytes
}
