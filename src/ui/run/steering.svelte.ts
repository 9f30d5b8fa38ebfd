import type { Lab } from '../../runs/lab.svelte.ts'
import type { Happening, RunState } from '../../runs/runState.svelte.ts'
import type { Trainer } from '../../runs/trainer.svelte.ts'
import type { IconName } from '../layout/icons.ts'

type Control = Parameters<Trainer['control']>[0]

/** What the one button that is always in reach does now. */
export interface PrimaryAction {
  label: string
  icon: IconName
  /** Why it cannot be pressed; null when it can. */
  problem: string | null
  isBusy: boolean
  perform: () => void
}

/**
 * Commands to the run, and which of them was asked for and has not had its effect yet: the page shows it at once,
 * while the worker may be in the middle of a step.
 */
class Steering {
  #asked: Asked | null = $state.raw(null)
  /** Start was pressed while the page was still starting: it starts once it can. */
  isStartWanted = $state(false)

  /** The command that is under way. */
  pending(run: RunState): Control['type'] | null {
    const asked = this.#asked
    if (asked?.type === 'profile')
      return asked.run === run && this.#isMeasuring(run, asked) ? 'profile' : null
    if (asked?.run !== run || asked.status !== run.status || asked.last !== run.happenings.at(-1)) return null
    return asked.type === 'step' && asked.step !== run.step ? null : asked.type
  }

  async send(lab: Lab, control: Control): Promise<void> {
    const { run, trainer } = lab
    if (!run || !trainer) return
    const { status, step, profile } = run
    this.#asked = { run, type: control.type, status, step, profile, last: run.happenings.at(-1) }
    await trainer.control(control)
    // A step that is to be measured must be done.
    if (control.type === 'profile' && status === 'paused') await trainer.control({ type: 'step' })
  }

  /** Events of other kinds may come in between. */
  #isMeasuring(run: RunState, asked: Asked): boolean {
    return run.isActive && run.profile === asked.profile
  }
}

/** A command, and the run as it was when it was given: the command is under way until one of these changes. */
interface Asked {
  run: RunState
  type: Control['type']
  status: RunState['status']
  step: number
  profile: RunState['profile']
  last: Happening | undefined
}

export const steering = new Steering()

/** Start, pause or resume, whichever makes sense. */
export function primaryAction(lab: Lab): PrimaryAction {
  const run = lab.run
  if (run?.status === 'running') {
    const isBusy = steering.pending(run) === 'pause'
    return {
      label: isBusy ? 'Pausing' : 'Pause',
      icon: 'pause',
      problem: null,
      isBusy,
      perform: () => void steering.send(lab, { type: 'pause' }),
    }
  }
  if (run?.status === 'paused') {
    const isBusy = steering.pending(run) === 'resume'
    return {
      label: isBusy ? 'Resuming' : 'Resume',
      icon: 'play',
      problem: null,
      isBusy,
      perform: () => void steering.send(lab, { type: 'resume' }),
    }
  }
  if (run?.status === 'preparing') {
    return {
      label: 'Starting',
      icon: 'play',
      problem: 'The run is being prepared',
      isBusy: true,
      perform: () => {},
    }
  }
  if (lab.boot === 'starting') {
    const isBusy = steering.isStartWanted
    const perform = () => (steering.isStartWanted = true)
    return { label: isBusy ? 'Starting' : 'Start', icon: 'play', problem: null, isBusy, perform }
  }
  return {
    label: 'Start',
    icon: 'play',
    problem: lab.startProblem,
    isBusy: false,
    perform: () => void lab.startRun(),
  }
}

/** Goes on from the latest checkpoint of a run that has ended early; null where there is none. */
export function continueAction(lab: Lab): (() => void) | null {
  const run = lab.run
  const trainer = lab.trainer
  if (!run || !trainer || run.isActive || run.status === 'done' || run.lastCheckpointStep === null)
    return null
  const record = lab.runList.find(run.id)
  return record ? () => void trainer.continue(record, run.config) : null
}
