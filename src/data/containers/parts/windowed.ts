/** Read at once, so that thousands of small files are not thousands of reads. */
const windowBytes = 1 << 20

export type Read = (begin: number, end: number) => Promise<Uint8Array>

/** Reads more than is asked for, since what is asked for next lies behind it. */
export function windowed(slice: Read, fileBytes: number): Read {
  let held = { begin: 0, bytes: new Uint8Array(0) }
  return async (begin, end) => {
    if (begin < held.begin || end > held.begin + held.bytes.length) {
      const last = Math.min(fileBytes, Math.max(end, begin + windowBytes))
      held = { begin, bytes: new Uint8Array(await slice(begin, last)) }
    }
    return held.bytes.subarray(begin - held.begin, end - held.begin)
  }
}
