import { join } from 'node:path'
import { describe, expect, inject, it } from 'vitest'
import { linkOf, openProfile, startRun, storedEvents, tinyConfig, waitForStep } from './app.ts'
import { disksOfATest } from './smallDisk.ts'

const baseUrl = inject('baseUrl')
const disks = disksOfATest()

describe('a disk filled to its last byte', () => {
  it('costs nothing that was stored: the run goes on, its state can be downloaded, and is stored when there is room', async (ctx) => {
    const disk = disks.make()
    if (disk === null) return ctx.skip('needs the right to mount a small file system')
    const profile = await openProfile({ folder: join(disk.folder, 'profile') })
    disks.before(() => profile.close())
    const config = tinyConfig({ steps: 20_000, isSlow: true, evaluation: { checkpointEvery: 60 } })
    // Megabytes a checkpoint, as real ones: small ones lie in the database itself.
    const model = { numLayers: 2, embedDim: 128, numHeads: 2, seqLen: 16 }
    const page = await profile.open(linkOf(baseUrl, { ...config, model }))
    await startRun(page)
    await expect.poll(() => keptSteps(page), { timeout: 60_000 }).toContain(60)
    await waitForStep(page, 65)

    disk.fill()
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

    disk.makeRoom()
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
