import { tick } from 'svelte'
import { formatPath, type Path } from '../../core/schema.ts'
import { sheets } from '../train/sheets.svelte.ts'

/** The id of the control of a setting. */
export function fieldId(path: Path): string {
  return `field-${formatPath(path)}`
}

/** Brings a setting into view, unfolds what it lies in, and puts the focus on it. */
export async function revealField(path: Path): Promise<void> {
  sheets.shown = 'settings'
  await tick()
  let control = document.getElementById(fieldId(path))
  // The form may still be in the making.
  for (let turn = 0; !control && turn < 20; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 25))
    control = document.getElementById(fieldId(path))
  }
  for (let fold = control?.closest('details'); fold; fold = fold.parentElement?.closest('details'))
    fold.open = true
  control?.scrollIntoView({ block: 'center' })
  control?.focus()
}
