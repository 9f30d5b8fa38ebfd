import { describeAdapter } from '../../src/engine/backend/deviceInfo.ts'
import type { DeviceInfo } from '../../src/engine/training/types.ts'
import { allPeers, measureModel, type ModelResult } from './measure.ts'
import type { Precision } from './models/benchModel.ts'
import { benchModels } from './models/benchModels.ts'

export interface BenchOptions {
  /** Names of models; null takes those that suit the adapter. */
  readonly only: readonly string[] | null
  /** Of the engine; the others compute in f32. */
  readonly precision: Precision
  /** Also with measured kernels. */
  readonly isTuned: boolean
}

export interface BenchRun {
  readonly adapter: DeviceInfo
  /** Of the browser; `node` in Node. */
  readonly userAgent: string
  readonly results: readonly ModelResult[]
}

/** What one run of the command measures on `gpu`, in Node or in a browser. */
export async function runBench(
  gpu: GPU,
  { only, precision, isTuned }: BenchOptions,
  note: (line: string) => void,
): Promise<BenchRun> {
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' })
  if (adapter === null) throw new Error('bench: there is no WebGPU adapter')
  const info = describeAdapter(adapter)
  const names = only ?? (info.isSoftware ? ['tiny'] : ['small', 'big', 'vit', 'clip'])
  const results: ModelResult[] = []
  for (const model of benchModels.filter(({ name }) => names.includes(name))) {
    const pace = info.isSoftware ? { minRounds: 5, maxRounds: 20 } : { minRounds: 20, maxRounds: 200 }
    const matmulSide = info.isSoftware ? 512 : 2048
    results.push(
      await measureModel(model, {
        gpu,
        precision,
        peers: allPeers,
        isTuned,
        note,
        warmUpSteps: 3,
        budgetMs: 30_000,
        matmulSide,
        ...pace,
      }),
    )
  }
  return { adapter: info, userAgent: navigator.userAgent ?? 'node', results }
}
