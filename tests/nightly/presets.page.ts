import { expect, inject, it } from 'vitest'
import { presets } from '../../src/runs/presets/registry.ts'
import { profilesOfATest, startRun, storedEvents, storedLosses, waitForStep } from '../e2e/app.ts'

const openProfile = profilesOfATest()
const baseUrl = inject('baseUrl')
/** A software GPU in a browser takes seconds for a step of the larger ones. */
const patience = 300_000

it.each(presets.map((preset) => [preset.title, preset] as const))(
  '%s is chosen, started, validated and stopped on the first page',
  async (title, preset) => {
    const { open, errors } = await openProfile()
    const page = await open(baseUrl)
    await page.getByLabel(/^Preset/).click()
    // Its name holds what it is about as well.
    await page
      .getByRole('option')
      .filter({ has: page.getByText(title, { exact: true }) })
      .click()

    await startRun(page)
    await waitForStep(page, 2, patience)
    const validate = page.getByRole('button', { name: 'Validate', exact: true })
    if (await validate.isVisible()) await validate.click()
    if (preset.task === 'language-model') {
      const isMeasured = async () =>
        (await storedEvents(page)).some(({ values }) => values?.['validation/loss'] !== undefined)
      await expect.poll(isMeasured, { timeout: patience, interval: 1000 }).toBe(true)
    } else {
      const picture = page.getByRole('region', { name: 'What the validation shows' })
      await picture.getByText(/^step [\d,]+$/).waitFor({ timeout: patience })
    }
    const stop = page.getByRole('button', { name: 'Stop', exact: true })
    if (await stop.isVisible()) await stop.click()
    await page
      .locator('[data-status="stopped"], [data-status="done"]')
      .first()
      .waitFor({ state: 'attached', timeout: patience })
    const losses = [...(await storedLosses(page)).values()]
    expect(losses.length).toBeGreaterThan(1)
    expect(losses.every((loss) => Number.isFinite(loss))).toBe(true)
    expect(errors).toEqual([])
  },
)
