const encoder = new TextEncoder()

export interface TarMember {
  readonly path: string
  readonly content?: Uint8Array | string
  /** As POSIX has them: 0 a file, 5 a folder, 2 a symbolic link, x an extended header. */
  readonly type?: string
  /** The first part of a long path. */
  readonly prefix?: string
}

/** A ustar archive after POSIX.1-1988, written out field by field. */
export function tarFile(members: readonly TarMember[]): Uint8Array {
  const blocks = members.flatMap((member) => [tarHeader(member), padded(bytesOf(member))])
  return joined([...blocks, new Uint8Array(1024)])
}

export function tarHeader(member: TarMember): Uint8Array {
  const { path, type = '0', prefix = '' } = member
  const block = new Uint8Array(512)
  const put = (at: number, text: string) => block.set(encoder.encode(text), at)
  put(0, path)
  put(100, '0000644\0')
  put(108, '0001750\0')
  put(116, '0001750\0')
  put(124, `${bytesOf(member).length.toString(8).padStart(11, '0')}\0`)
  put(136, '00000000000\0')
  put(156, type)
  put(257, 'ustar\x0000')
  put(345, prefix)
  return withChecksum(block)
}

export function withChecksum(block: Uint8Array): Uint8Array {
  const copy = block.slice()
  copy.fill(0x20, 148, 156)
  const sum = copy.reduce((all, byte) => all + byte, 0)
  copy.set(encoder.encode(`${sum.toString(8).padStart(6, '0')}\0 `), 148)
  return copy
}

/** One record of an extended header: its length counts its own digits. */
export function paxRecord(key: string, value: string): string {
  const rest = encoder.encode(` ${key}=${value}\n`).length
  let length = rest + 1
  while (rest + String(length).length !== length) length = rest + String(length).length
  return `${length} ${key}=${value}\n`
}

function bytesOf({ content = '' }: TarMember): Uint8Array {
  return typeof content === 'string' ? encoder.encode(content) : content
}

function padded(bytes: Uint8Array): Uint8Array {
  const block = new Uint8Array(Math.ceil(bytes.length / 512) * 512)
  block.set(bytes)
  return block
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}
