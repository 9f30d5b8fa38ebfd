import { withLossesOf, type Certificate } from '../core/certificate.ts'
import type { PlainError } from '../core/errors.ts'
import type { StepReport } from '../core/steps.ts'
import type { KeptBatch, TaskView } from '../core/taskView.ts'
import { stageAt, totalStepsOf, type RunConfig } from '../core/runConfig.ts'
import type {
  LiveSetting,
  Phase,
  RunStatus,
  StepProfile,
  TrainEvent,
  Unkept,
} from '../../workers/protocol.ts'
import { BoundedSeries } from './boundedSeries.ts'
import { Series } from './series.ts'

export interface Sample {
  step: number
  prompt: string
  text: string
}
/** A line of the run's list of events: checkpoints, edits, notices, pauses, errors. */
export interface Happening {
  step: number
  level: 'info' | 'warning' | 'error'
  title: string
  detail: string
  /** The update that it is about. */
  batch?: KeptBatch
  /** The update with which it began, of what a branch from before it may get around. */
  sinceStep?: number
}

/** What the page knows of one run, live or read from storage. Fed by events alone, so both look the same. */
export class RunState {
  readonly id: string
  config: RunConfig = $state.raw(null!)
  preset: string | null = $state(null)
  status: RunStatus = $state('preparing')
  phase: Phase | null = $state.raw(null)
  step = $state(0)
  totalSteps = $derived(totalStepsOf(this.config))
  elapsedMs = $state(0)
  /** The stage that the run told last; null of a log of versions that did not tell. */
  #toldStage: { readonly index: number; readonly fromStep: number } | null = $state.raw(null)
  /** What was set by hand, oldest first. */
  #edits: readonly { step: number; setting: string; value: number }[] = $state.raw([])
  error: PlainError | null = $state.raw(null)
  samples: readonly Sample[] = $state.raw([])
  happenings: readonly Happening[] = $state.raw([])
  /** The last update whose parts were timed. */
  profile: { readonly step: number; readonly profile: StepProfile } | null = $state.raw(null)
  /** What the last validation showed beside its numbers. */
  view: { readonly step: number; readonly view: TaskView } | null = $state.raw(null)
  /** What was reused of its data's preparation, and why something was not; empty for runs of earlier visits. */
  reports: readonly StepReport[] = $state.raw([])
  /** Set while the latest state could not be stored and is only in the worker's memory. */
  unkept: Unkept | null = $state.raw(null)
  lastCheckpointStep: number | null = $state(null)
  /** Losses of the first updates, as far as nothing was set by hand. */
  firstLosses: readonly number[] = $state.raw([])
  /** What came out of these settings elsewhere, of a run of a link that says so. */
  certificate: Certificate | null = $state.raw(null)
  /** Raised with every change of `series`; read it to follow them. */
  metricsVersion = $state(0)
  readonly series = new Map<string, Series>()
  /** Bytes in use on the device, while this page trains it. */
  readonly memory = new BoundedSeries()
  memoryVersion = $state(0)
  /** Last value of each metric. */
  latest: Readonly<Record<string, number>> = $state.raw({})

  constructor(id: string, config: RunConfig, preset: string | null) {
    this.id = id
    this.config = config
    this.preset = preset
  }

  /** Where the run is: stages may end early, so steps alone do not tell. */
  #stage = $derived(this.#toldStage ?? stageAt(this.config, this.step))
  stageIndex = $derived(Math.min(this.#stage.index, this.config.stages.length - 1))
  stage = $derived(this.config.stages[this.stageIndex]!)
  /** Base learning rate of the stage where it was set by hand; null where it was not. */
  learningRateEdit: number | null = $derived(this.edited('learningRate'))

  /** The value that was set by hand in this stage; null where none was. What was set in an earlier one ended with it. */
  edited(setting: LiveSetting): number | null {
    const { fromStep } = this.#stage
    return this.#edits.findLast((edit) => edit.setting === setting && edit.step >= fromStep)?.value ?? null
  }

  isActive = $derived(this.status === 'preparing' || this.status === 'running' || this.status === 'paused')

  /** Milliseconds to the end at the present rate; null when unknown. */
  etaMs = $derived.by(() => {
    if (this.status !== 'running' || this.step < 2 || this.elapsedMs === 0) return null
    const rate = this.latest['stepsPerSecond']
    const msPerStep = rate !== undefined && rate > 0 ? 1000 / rate : this.elapsedMs / this.step
    return Math.max(0, this.totalSteps - this.step) * msPerStep
  })

  /** Takes events in order; one batch gives one update of the page. */
  apply(events: readonly TrainEvent[]): void {
    const samples = [...this.samples]
    const happenings = [...this.happenings]
    const isClosed = this.#edits.length > 0 || this.lastCheckpointStep === 0
    this.firstLosses = withLossesOf(this.firstLosses, events, isClosed)
    let latest = this.latest
    let hasMetrics = false
    for (const event of events) {
      switch (event.type) {
        case 'phase':
          this.phase = event.phase
          break
        case 'status':
          if (event.status === 'paused' || event.status === 'stopped' || event.status === 'done') {
            happenings.push({ step: event.step, level: 'info', title: statusTitle[event.status], detail: '' })
          }
          if (event.status === 'running' && event.step < this.step) this.#rewind(event.step)
          this.status = event.status
          this.step = event.step
          if (event.status !== 'failed') this.error = null
          break
        case 'metrics':
          for (const [name, value] of Object.entries(event.values)) {
            let series = this.series.get(name)
            if (!series) this.series.set(name, (series = new Series()))
            series.push(event.step, value, event.elapsedMs)
          }
          latest = { ...latest, ...event.values }
          this.step = Math.max(this.step, event.step)
          this.elapsedMs = event.elapsedMs
          hasMetrics = true
          break
        case 'sample': {
          const kept = samples.filter(
            (sample) => sample.step !== event.step || sample.prompt !== event.prompt,
          )
          samples.length = 0
          samples.push(...kept, { step: event.step, prompt: event.prompt, text: event.text })
          break
        }
        case 'checkpoint':
          if (event.slot === 'latest') this.lastCheckpointStep = event.step
          happenings.push({
            step: event.step,
            level: 'info',
            title: event.slot === 'best' ? 'Best checkpoint kept' : 'Checkpoint kept',
            detail: `${(event.sizeBytes / 1e6).toFixed(1)} MB`,
          })
          break
        case 'edit':
          this.#edits = [...this.#edits, { step: event.step, setting: event.setting, value: event.value }]
          happenings.push({
            step: event.step,
            level: 'info',
            title: `${this.#nameOf(event.setting)} set to ${event.value}`,
            detail: '',
          })
          break
        case 'stage':
          this.#toldStage = { index: event.index, fromStep: event.fromStep }
          break
        case 'view':
          this.view = { step: event.step, view: event.view }
          break
        case 'profile':
          this.profile = { step: event.step, profile: event.profile }
          break
        case 'notice':
          happenings.push({
            step: event.step,
            level: event.level,
            title: event.title,
            detail: event.detail,
            ...(event.batch && { batch: event.batch }),
            ...(event.sinceStep !== undefined && { sinceStep: event.sinceStep }),
          })
          break
        case 'error':
          this.error = event.error
          happenings.push({
            step: event.step,
            level: 'error',
            title: event.error.message,
            detail: event.error.remedy,
          })
          break
      }
    }
    this.samples = samples
    this.happenings = happenings.slice(-500)
    if (hasMetrics) {
      this.latest = latest
      this.metricsVersion++
    }
  }

  /** Bytes that the device holds now. */
  noteMemory(usedBytes: number): void {
    if (this.memory.push(this.step, usedBytes, this.elapsedMs)) this.memoryVersion++
  }

  /** What was set by hand, in words. */
  #nameOf(setting: string): string {
    if (setting === 'learningRate') return 'Learning rate'
    const name = this.stage.losses[Number(setting.split('.')[1])]?.name
    return name === undefined ? 'Weight of a loss' : `Weight of ${name}`
  }

  /** A run that goes on from an earlier step tells what came after it again. What happened stays told. */
  #rewind(step: number): void {
    this.#edits = this.#edits.filter((edit) => edit.step < step)
    for (const series of this.series.values()) series.truncateAfter(step)
    this.memory.truncateAfter(step)
    this.memoryVersion++
    this.metricsVersion++
  }
}

const statusTitle: Record<'paused' | 'stopped' | 'done', string> = {
  paused: 'Paused',
  stopped: 'Stopped',
  done: 'Done',
}
