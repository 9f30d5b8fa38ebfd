import type { Lab } from '../../runs/lab.svelte.ts'
import type { Field } from '../../core/schema.ts'
import { fieldList } from '../form/fieldList.ts'
import { isFitting } from '../form/fitting.ts'
import { revealField } from '../form/reveal.ts'
import { measureProblem, measureStep } from '../performance/lens.svelte.ts'
import { continueAction, primaryAction, steering } from '../run/steering.svelte.ts'
import { shareLink } from '../train/shareLink.svelte.ts'
import { chooseFiles } from './browser.ts'
import { overlays } from './overlays.svelte.ts'
import { navigate, route } from './route.svelte.ts'
import { theme } from './theme.svelte.ts'

/** Something that can be done from anywhere: in the command palette, and by its keys. */
export interface Action {
  id: string
  group: 'Run' | 'Configuration' | 'Go to' | 'Presets' | 'Settings' | 'Page'
  label: string
  /** As `KeyboardEvent.key` in lower case; `mod` is Ctrl, or ⌘ on a Mac. */
  keys?: string
  /** Why it cannot be done now; null when it can. */
  problem: string | null
  perform: () => void
}

/** All actions as things stand. */
export function actionsOf(lab: Lab): Action[] {
  return [
    ...runActions(lab),
    ...configActions(lab),
    ...placeActions(),
    testAction(lab),
    ...presetActions(lab),
    ...settingActions(lab),
  ]
}

function runActions(lab: Lab): Action[] {
  const primary = primaryAction(lab)
  const run = lab.run
  const isGoing = run?.status === 'running' || run?.status === 'paused'
  const notGoing = isGoing ? null : 'No run is going on'
  const resume = continueAction(lab)
  const start = run?.isActive ? 'A run is going on' : lab.startProblem
  return [
    {
      id: 'start',
      group: 'Run',
      label: 'Start a run',
      keys: 'mod+enter',
      problem: lab.boot === 'starting' ? null : start,
      perform: () => (lab.boot === 'starting' ? primary.perform() : void lab.startRun()),
    },
    {
      id: 'pause',
      group: 'Run',
      label: run?.status === 'paused' ? 'Resume' : 'Pause',
      keys: 'p',
      problem: notGoing,
      perform: primary.perform,
    },
    {
      id: 'step',
      group: 'Run',
      label: 'Do one step',
      keys: 's',
      problem: run?.status === 'paused' ? null : 'Pause the run first',
      perform: () => void steering.send(lab, { type: 'step' }),
    },
    {
      id: 'measure',
      group: 'Run',
      label: 'Measure a step',
      keys: 'm',
      problem: measureProblem(lab),
      perform: () => {
        if (route.name !== 'train') navigate('/')
        measureStep(lab)
      },
    },
    {
      id: 'checkpoint',
      group: 'Run',
      label: 'Keep a checkpoint now',
      problem: notGoing,
      perform: () => void steering.send(lab, { type: 'checkpoint' }),
    },
    {
      id: 'stop',
      group: 'Run',
      label: 'Stop the run',
      problem: notGoing,
      perform: () => void steering.send(lab, { type: 'stop' }),
    },
    {
      id: 'continue',
      group: 'Run',
      label: 'Continue from the last checkpoint',
      problem: resume ? null : 'No ended run to continue here',
      perform: () => resume?.(),
    },
  ]
}

function configActions(lab: Lab): Action[] {
  const draft = lab.draft
  return [
    {
      id: 'copy-link',
      group: 'Configuration',
      label: 'Copy link',
      keys: 'l',
      problem: draft ? null : 'Still starting',
      perform: () => void shareLink.copy(lab),
    },
    {
      id: 'undo',
      group: 'Configuration',
      label: 'Undo the last change',
      keys: 'mod+z',
      problem: draft?.canUndo ? null : 'Nothing to undo',
      perform: () => draft?.undo(),
    },
    {
      id: 'reset',
      group: 'Configuration',
      label: 'Reset all changed settings',
      problem: draft && draft.changes.length + draft.issues.length > 0 ? null : 'Nothing is changed',
      perform: () => draft?.resetAll(),
    },
    {
      id: 'files',
      group: 'Configuration',
      label: 'Bring in files',
      problem: draft ? null : 'Still starting',
      perform: () => void chooseFiles().then((files) => lab.drop(files)),
    },
  ]
}

function placeActions(): Action[] {
  return [
    { id: 'go-train', group: 'Go to', label: 'Train', problem: null, perform: () => navigate('/') },
    { id: 'go-data', group: 'Go to', label: 'Data', problem: null, perform: () => navigate('/data') },
    { id: 'go-runs', group: 'Go to', label: 'Runs', problem: null, perform: () => navigate('/runs') },
    {
      id: 'theme',
      group: 'Page',
      label: 'Switch between light and dark',
      keys: 't',
      problem: null,
      perform: () => theme.toggle(),
    },
    {
      id: 'commands',
      group: 'Page',
      label: 'Commands',
      keys: 'mod+k',
      problem: null,
      perform: () => (overlays.open = 'commands'),
    },
    {
      id: 'shortcuts',
      group: 'Page',
      label: 'Shortcuts',
      keys: '?',
      problem: null,
      perform: () => (overlays.open = 'shortcuts'),
    },
  ]
}

function testAction(lab: Lab): Action {
  const isOnGpu = lab.device?.backend === 'webgpu'
  return {
    id: 'test-kernels',
    group: 'Page',
    label: 'Test the kernels of this adapter again',
    problem: lab.isTraining ? 'A run is going on' : isOnGpu ? null : 'Nothing to test on the CPU',
    perform: () => void lab.testKernels(),
  }
}

function presetActions(lab: Lab): Action[] {
  return lab.presets.map((preset) => ({
    id: `preset-${preset.id}`,
    group: 'Presets',
    label: preset.title,
    problem: lab.draft ? null : 'Still starting',
    perform: () => {
      lab.choosePreset(preset.id)
      navigate('/')
    },
  }))
}

function settingActions(lab: Lab): Action[] {
  const { draft } = lab
  if (!draft) return []
  const isShown = (field: Field) => isFitting(field, draft, draft.config)
  return fieldList(draft.schema, draft.config, isShown).map(({ path, label, key }) => ({
    id: `setting-${key}`,
    group: 'Settings',
    label,
    problem: null,
    perform: () => {
      if (route.name !== 'train') navigate('/')
      void revealField(path)
    },
  }))
}

/** The action that a key press asks for; keys without a modifier are left to text fields and menus. */
export function actionForKey(actions: readonly Action[], event: KeyboardEvent): Action | null {
  if (event.defaultPrevented || event.isComposing || event.altKey || event.repeat) return null
  const isModified = event.ctrlKey || event.metaKey
  const key = (isModified ? 'mod+' : '') + event.key.toLowerCase()
  const target = event.target instanceof HTMLElement ? event.target : null
  const isTyping = target?.closest(
    'input:not([type=range], [type=checkbox]), textarea, select, [role=listbox], [role=dialog], [contenteditable]',
  )
  if (isTyping && key !== 'mod+k' && key !== 'mod+enter') return null
  return actions.find((action) => action.keys === key) ?? null
}

/** `Ctrl Enter`, for people. */
export function keyNames(keys: string): string[] {
  const isMac = navigator.userAgent.includes('Mac')
  const names: Record<string, string> = { mod: isMac ? '⌘' : 'Ctrl', enter: 'Enter', '?': '?' }
  return keys.split('+').map((part) => names[part] ?? part.toUpperCase())
}
