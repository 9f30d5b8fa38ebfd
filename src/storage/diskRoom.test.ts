import { describe, expect, test } from 'vitest'
import { DiskRoom, headroomBytes, reserveBytes, type ReserveFile } from './diskRoom.ts'

/** A disk of `capacity` bytes that this file shares with others, and that is written as far as it goes. */
function fakeDisk(capacity: number) {
  const disk = { capacity, others: 0, size: 0, writes: 0, throwsWhenFull: false }
  const file: ReserveFile = {
    getSize: () => disk.size,
    truncate: (size) => void (disk.size = size),
    write(bytes, { at }) {
      disk.writes++
      const fits = Math.max(0, Math.min(bytes.length, disk.capacity - disk.others - at))
      if (fits === 0 && disk.throwsWhenFull)
        throw new DOMException('No space available', 'QuotaExceededError')
      disk.size = Math.max(disk.size, at + fits)
      return fits
    },
  }
  return { disk, file }
}

const room = reserveBytes + headroomBytes
const work = async () => 'done'
const never = () => Promise.reject(new Error('the database was touched'))

describe('room on the disk', () => {
  test('is asked for before each piece of work, and nothing of the asking stays', async () => {
    const { disk, file } = fakeDisk(room)
    const diskRoom = new DiskRoom(file)
    expect(await diskRoom.during('saving', {}, work)).toBe('done')
    expect(disk.size).toBe(reserveBytes)
  })

  test.each([false, true])(
    'that is missing keeps the work from being begun, and the reserve is given up (throws: %s)',
    async (throwsWhenFull) => {
      const { disk, file } = fakeDisk(room)
      let now = 0
      const diskRoom = new DiskRoom(file, () => now)
      Object.assign(disk, { others: 1, throwsWhenFull })
      await expect(diskRoom.during('saving the run', {}, never)).rejects.toMatchObject({
        code: 'disk-failed',
        message: expect.stringContaining('saving the run was not tried: the disk') as string,
      })
      expect(disk.size).toBe(0)
      disk.others = 0
      now = 60_000
      expect(await diskRoom.during('saving the run', {}, work)).toBe('done')
      expect(disk.size).toBe(reserveBytes)
    },
  )

  test('that was missing is not asked for again at once: asking takes the last bytes for a moment', async () => {
    const { disk, file } = fakeDisk(room)
    let now = 0
    const diskRoom = new DiskRoom(file, () => now)
    disk.others = 1
    await expect(diskRoom.during('a', { bytes: 5 }, never)).rejects.toMatchObject({ code: 'disk-failed' })
    disk.writes = 0
    now = 9_999
    await expect(diskRoom.during('a', { bytes: 5 }, never)).rejects.toMatchObject({ code: 'disk-failed' })
    expect(disk.writes).toBe(0)
    now = 10_000
    disk.others = 0
    disk.capacity += 5
    expect(await diskRoom.during('a', { bytes: 5 }, work)).toBe('done')
  })

  test('is more than that for a large write; a small one may still go on', async () => {
    const { disk, file } = fakeDisk(room + 3_000_000)
    const diskRoom = new DiskRoom(file)
    expect(await diskRoom.during('a', { bytes: 3_000_000 }, work)).toBe('done')
    await expect(diskRoom.during('a', { bytes: 3_000_001 }, never)).rejects.toMatchObject({
      code: 'disk-failed',
    })
    expect(await diskRoom.during('a', {}, work)).toBe('done')
    expect(disk.size).toBe(reserveBytes)
  })

  test('is there for what frees space, and for what comes after that', async () => {
    const { disk, file } = fakeDisk(room)
    const diskRoom = new DiskRoom(file)
    disk.others = headroomBytes
    await expect(diskRoom.during('saving', {}, never)).rejects.toMatchObject({ code: 'disk-failed' })
    const sizes: number[] = []
    const deleting = async () => {
      sizes.push(disk.size)
      disk.others = 0
    }
    await diskRoom.during('deleting', { isFreeing: true }, deleting)
    expect(await diskRoom.during('saving', {}, work)).toBe('done')
    expect([...sizes, disk.size]).toEqual([0, reserveBytes])
  })

  test('that others took meanwhile leaves the database alone, and the last bytes to them', async () => {
    const { disk, file } = fakeDisk(reserveBytes)
    const diskRoom = new DiskRoom(file)
    Object.assign(disk, { others: reserveBytes - 100, size: 0 })
    const deleting = diskRoom.during('deleting', { isFreeing: true }, never)
    await expect(deleting).rejects.toMatchObject({ code: 'disk-failed' })
    expect(disk.size).toBe(0)
  })

  test('is taken as reserve when there is some again', async () => {
    const { disk, file } = fakeDisk(reserveBytes / 2)
    const diskRoom = new DiskRoom(file)
    expect(disk.size).toBe(0)
    disk.capacity = room
    await diskRoom.during('saving', {}, work)
    expect(disk.size).toBe(reserveBytes)
  })
})
