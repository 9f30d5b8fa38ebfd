import type { LiveSetting } from './liveEdits.ts'
import type { PlainError } from '../../core/errors.ts'
import type { KeptBatch, TaskView } from '../../core/taskView.ts'

/** Adapter, as people and records should see it. */
export interface DeviceInfo {
  backend: 'webgpu' | 'cpu'
  /** For people: "Apple M1 Pro", "SwiftShader (software)", "CPU (JavaScript)". */
  name: string
  vendor: string
  architecture: string
  device: string
  description: string
  /** A rasteriser on the CPU: works, slowly. */
  isSoftware: boolean
  features: string[]
  limits: Record<string, number>
}

/** Named spans of a run, for the progress bar. `done` and `total` count `unit`s; total 0 means unknown. */
export interface Phase {
  name:
    | 'reading data'
    | 'compiling'
    | 'warming up'
    | 'training'
    | 'evaluating'
    | 'sampling'
    | 'saving'
    | 'recovering'
  done: number
  total: number
  unit: 'steps' | 'kernels' | 'bytes' | 'batches' | ''
}

/** Best rates of the engine's own kernels on a device. */
export interface DevicePeaks {
  flopsPerSecond: number
  bytesPerSecond: number
}

/** Bytes that a session holds on the device, by kind. */
export interface SessionMemory {
  parameters: number
  gradients: number
  /** With the average of the weights, where there is one. */
  optimizer: number
  /** What a step keeps from its forward pass for its backward pass; 0 until it is recorded. */
  activations: number
  /** All else that lives within a step. */
  workspace: number
  /** Feeds, constants and readings. */
  other: number
}

/** Where the time and the memory of one update go. */
export interface StepProfile {
  /** In order, on the device's clock; flops 0 where a kernel does not tell; null without a recording or timestamps. */
  dispatches: { label: string; startMs: number; durationMs: number; flops: number; bytes: number }[] | null
  /** Of an ordinary update; left out without a recording, and by runs of earlier versions. */
  submits?: number
  /** The host's part of an ordinary update: writing inputs, encoding, submitting. */
  hostMs: number
  /** What making the next update's batches took, while the device computed; left out by runs of earlier versions. */
  dataMs?: number
  memory: SessionMemory
  /** Bytes of activations and workspace if nothing took turns, and what no plan can go below. */
  unplannedBytes: number
  lowerBoundBytes: number
  peaks: DevicePeaks | null
}

export type RunStatus = 'preparing' | 'running' | 'paused' | 'done' | 'stopped' | 'failed' | 'interrupted'

/** One line of a run's stream: shown, logged and stored as it is. `step` counts finished updates over all stages. */
export type TrainEvent =
  | { type: 'phase'; phase: Phase }
  | { type: 'status'; status: RunStatus; step: number }
  | {
      type: 'metrics'
      step: number
      /** `train/loss`, `validation/loss`, `learningRate`, `gradNorm`, `tokensPerSecond`, … */
      values: Record<string, number>
      /** Time spent training so far, pauses left out. */
      elapsedMs: number
    }
  | { type: 'sample'; step: number; prompt: string; text: string }
  /** What a validation shows beside its numbers. */
  | { type: 'view'; step: number; view: TaskView }
  | { type: 'checkpoint'; step: number; slot: 'latest' | 'best'; sizeBytes: number }
  | { type: 'profile'; step: number; profile: StepProfile }
  /** A stage is entered, or taken up again; `fromStep`: finished updates when it began. */
  | { type: 'stage'; step: number; index: number; fromStep: number }
  | { type: 'edit'; step: number; setting: LiveSetting; value: number }
  | {
      type: 'notice'
      step: number
      level: 'info' | 'warning'
      title: string
      detail: string
      /** The update that it is about, where it is about one. */
      batch?: KeptBatch
      /** The update with which it began, of what a branch from before it may get around. */
      sinceStep?: number
    }
  | { type: 'error'; step: number; error: PlainError }
