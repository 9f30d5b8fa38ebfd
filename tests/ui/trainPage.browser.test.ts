import { mount, unmount } from 'svelte'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import App from '../../src/App.svelte'
import type { Lab } from '../../src/runs/lab.svelte.ts'
import '../../src/ui/layout/base.css'
import '../../src/ui/layout/tokens.css'
import { fakeLab } from '../helpers/fakeLab.ts'

let lab: Lab
let app: Record<string, unknown>
let target: HTMLElement

beforeEach(async () => {
  // Whatever page the runner is at, the app believes that it is at its own folder.
  const base = document.createElement('base')
  base.href = window.location.pathname
  document.head.append(base)
  await page.viewport(1280, 800)
  target = document.createElement('div')
  document.body.append(target)
  lab = await fakeLab({ msPerStep: 5 })
  app = mount(App, { target, props: { lab } })
})
afterEach(async () => {
  await lab.trainer?.control({ type: 'stop' })
  await unmount(app)
  target.remove()
  document.querySelector('base')?.remove()
})

/** The text box of a setting. */
const box = (path: string) => page.elementLocator(document.getElementById(`field-${path}`)!)
const layers = () => lab.draft!.config.model['numLayers']
async function formIsMade() {
  await expect.poll(() => document.getElementById('field-seed')).not.toBeNull()
}

it('takes what is typed, and steps with the arrow keys', async () => {
  await formIsMade()
  await box('model.numLayers').fill('6')
  await userEvent.keyboard('{Enter}')
  expect(layers()).toBe(6)
  await userEvent.keyboard('{ArrowUp}')
  expect(layers()).toBe(7)
  expect(lab.draft!.changes.map((change) => change.label)).toEqual(['Model › Layers'])
})

it('shows an error at its field, keeps the text and the last good value, and resets', async () => {
  await formIsMade()
  await box('model.numLayers').fill('many')
  await userEvent.keyboard('{Enter}')
  await expect.element(page.getByText('Layers must be a number, got "many"')).toBeVisible()
  expect(layers()).toBe(4)
  await expect.element(page.getByText('1 setting needs mending')).toBeVisible()
  await page.getByRole('button', { name: 'Reset Layers' }).click()
  await expect.element(box('model.numLayers')).toHaveValue('4')
  expect(lab.draft!.issues).toEqual([])
})

it('shows the members of the chosen variant', async () => {
  await formIsMade()
  await expect.element(page.getByLabelText('Floor', { exact: true }).first()).toBeInTheDocument()
  await userEvent.selectOptions(box('stages[0].schedule'), 'constant')
  expect(lab.draft!.config.stages[0]!.schedule.kind).toBe('constant')
  expect(document.getElementById('field-stages[0].schedule.minRatio')).toBeNull()
})

it('shows the memory of a run beforehand, counted in a recorded step, and too much of it', async () => {
  await page.getByText(/^\d.* weights$/).click()
  await expect.element(page.getByText(/Counted in a recorded step/)).toBeVisible()
  for (const kind of ['parameters', 'gradients', 'optimizer', 'activations', 'workspace'])
    await expect.element(page.getByRole('term').filter({ hasText: kind })).toBeVisible()
  await expect.element(page.getByText('maxStorageBufferBindingSize')).toBeVisible()
  lab.draft!.set(['memory', 'budgetMegabytes'], 16)
  await expect.element(page.getByText('Over budget')).toBeVisible()
  await expect.element(page.getByText(/over the memory budget of 16 MB/)).toBeVisible()
  lab.draft!.set(['model', 'embedDim'], 4096)
  await expect.element(page.getByText('Cannot run')).toBeVisible()
})

it('starts, pauses, steps once and resumes from the keyboard', async () => {
  await userEvent.keyboard('{Control>}{Enter}{/Control}')
  await expect.element(page.getByRole('button', { name: 'Pause', exact: true })).toBeVisible()
  await expect.poll(() => lab.run!.step).toBeGreaterThan(3)
  await userEvent.keyboard('p')
  await expect.element(page.getByRole('button', { name: 'Resume', exact: true })).toBeVisible()
  const paused = lab.run!.step
  await userEvent.keyboard('s')
  await expect.poll(() => lab.run!.step).toBe(paused + 1)
  await userEvent.keyboard('p')
  await expect.poll(() => lab.run!.step).toBeGreaterThan(paused + 3)
})

it('follows beams instead of drawing, and says so', async () => {
  await userEvent.keyboard('{Control>}{Enter}{/Control}')
  const [beams, temperature] = [page.getByLabelText('Beams'), page.getByLabelText('Temperature').last()]
  await beams.fill('3')
  await expect.element(temperature).toBeDisabled()
  await expect.element(temperature).toHaveAccessibleDescription(/nothing is drawn/)
  await beams.fill('65')
  await expect.element(page.getByText('Beams must be a whole number between 1 and 64')).toBeVisible()
  await beams.fill('1')
  await expect.element(temperature).toBeEnabled()
})

it('sends a learning rate to the run, and refuses one out of range in words', async () => {
  await userEvent.keyboard('{Control>}{Enter}{/Control}')
  await expect.element(page.getByRole('button', { name: 'Pause', exact: true })).toBeVisible()
  const rate = page.getByRole('group', { name: 'Run', exact: true }).getByLabelText('Learning rate')
  await rate.fill('0.002')
  await userEvent.keyboard('{Enter}')
  await expect.poll(() => lab.run!.learningRateEdit).toBe(0.002)
  await rate.fill('7')
  await userEvent.keyboard('{Enter}')
  await expect.element(page.getByText(/must be a number between 1e-7 and 1, got "7"/)).toBeVisible()
  expect(lab.run!.learningRateEdit).toBe(0.002)
})

it('says which settings wait for the next run while one goes on', async () => {
  await formIsMade()
  await userEvent.keyboard('{Control>}{Enter}{/Control}')
  await expect.element(page.getByText('live', { exact: true })).toBeVisible()
  expect(page.getByText('next run', { exact: true }).query()).toBeNull()
  lab.draft!.set(['model', 'numLayers'], 5)
  await expect.element(page.getByText('next run', { exact: true })).toBeVisible()
})

it('names the data set that is missing, with size and hash', async () => {
  const sha256 = '9c'.repeat(32)
  lab.draft!.set(['data', 'source'], { kind: 'stored', name: 'letters.txt', sha256, sizeBytes: 812_331 })
  await expect.element(page.getByText(/not in this browser: letters.txt, 812 kB/)).toBeVisible()
  await expect.element(page.getByText(new RegExp(sha256))).toBeVisible()
  // Not a click by the driver, which waits for a button that can be pressed.
  document.querySelector<HTMLElement>('.top .primary')!.click()
  await expect.element(page.getByRole('alert').getByText('Drop letters.txt on the page first')).toBeVisible()
  expect(lab.run).toBeNull()
})
