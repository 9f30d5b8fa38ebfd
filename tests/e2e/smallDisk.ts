import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, rmdirSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'

const diskMegabytes = 200

/** A file system of its own, in memory. */
export interface SmallDisk {
  folder: string
  /** To its last byte. */
  fill(): void
  makeRoom(): void
}

/**
 * Makes small disks that end with the test that made them; null where this machine does not let us. What is to be done
 * before a disk ends, as closing a browser, is given to `before`.
 */
export function disksOfATest(): { make(): SmallDisk | null; before(step: () => unknown): void } {
  const undo: (() => unknown)[] = []
  afterEach(async () => {
    for (const step of undo.splice(0).reverse()) await step()
  })
  return {
    before: (step) => void undo.push(step),
    make() {
      const folder = mkdtempSync(join(tmpdir(), 'bunsen-disk-'))
      undo.push(() => rmdirSync(folder))
      const options = ['-t', 'tmpfs', '-o', `size=${diskMegabytes}m`, 'tmpfs', folder]
      try {
        execFileSync('mount', options, { stdio: 'ignore' })
      } catch {
        return null
      }
      undo.push(() => execFileSync('umount', [folder]))
      const filling = join(folder, 'filling')
      return { folder, fill: () => fill(folder, filling), makeRoom: () => rmSync(filling) }
    },
  }
}

function fill(folder: string, filling: string): void {
  const { bavail, bsize } = statfsSync(folder)
  try {
    writeFileSync(filling, Buffer.alloc(bavail * bsize))
  } catch {
    // Others wrote meanwhile: it is full all the same.
  }
}
