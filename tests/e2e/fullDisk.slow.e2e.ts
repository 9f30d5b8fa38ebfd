import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, rmdirSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, inject, it } from 'vitest'
import { linkOf, openProfile, startRun, storedEvents, tinyConfig, waitForStep } from './app.ts'

const baseUrl = inject('baseUrl')

const diskMegabytes = 200
const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

/** A file system of its own, in memory; null where this machine does not let us make one. */
function makeDisk(): string | null {
  const folder = mkdtempSync(join(tmpdir(), 'bunsen-disk-'))
  undo.push(() => rmdirSync(folder))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${diskMegabytes}m`, 'tmpfs', folder], {
      stdio: 'ignore',
    })
  } catch {
    return null
  }
  undo.push(() => execFileSync('umount', [folder]))
  return folder
}

function fill(disk: string): void {
  const { bavail, bsize } = statfsSync(disk)
  try {
    writeFileSync(join(disk, 'filling'), Buffer.alloc(bavail * bsize))
  } catch {
    // Others wrote meanwhile: it is full all the same.
  }
}

describe('a disk filled to its last byte', () => {
  it('costs nothing that was stored: the run goes on, its state can be downloaded, and is stored when there is room', async (ctx) => {
    const disk = makeDisk()
    if (disk === null) return ctx.skip('needs the right to mount a small file system')
    const profile = await openProfile({ folder: join(disk, 'profile') })
    undo.push(() => profile.close())
    const config = tinyConfig({ steps: 20_000, isSlow: true, evaluation: { checkpointEvery: 60 } })
    // Megabytes a checkpoint, as real ones: small ones lie in the database itself.
    const model = { numLayers: 2, embedDim: 128, numHeads: 2, seqLen: 16 }
    const page = await profile.open(linkOf(baseUrl, { ...config, model }))
    await startRun(page)
    await expect.poll(() => keptSteps(page), { timeout: 60_000 }).toContain(60)
    await waitForStep(page, 65)

    fill(disk)
    const before = await storedEvents(page)
    const download = page.getByRole('button', { name: /Download step/ })
    await download.waitFor({ timeout: 60_000 })
    const alert = page.getByRole('alert').filter({ hasText: /was not stored/ })
    expect(await alert.innerText()).toMatch(/is full\. The checkpoint of step 60 is kept\./)
    const [file] = await Promise.all([page.waitForEvent('download'), download.click()])
    expect(file.suggestedFilename()).toMatch(/latest-step\d+\.safetensors$/)

    // Another tab opens the database while nothing can be written; that alone has cost all of it.
    const second = await profile.open(`${baseUrl}runs`)
    await second.getByRole('row', { name: /Tiny/ }).first().waitFor()
    await second.close()
    expect((await storedEvents(page)).length).toBeGreaterThanOrEqual(before.length)

    rmSync(join(disk, 'filling'))
    await page.getByText('Checkpoints are stored again').first().waitFor({ timeout: 90_000 })
    expect(await download.count()).toBe(0)
    // The log comes a little later than the checkpoint that it tells of.
    await expect
      .poll(async () => Math.max(...(await keptSteps(page))), { timeout: 30_000 })
      .toBeGreaterThan(60)
  })
})

async function keptSteps(page: Parameters<typeof storedEvents>[0]): Promise<number[]> {
  return (await storedEvents(page)).filter(({ type }) => type === 'checkpoint').map(({ step }) => step)
}
