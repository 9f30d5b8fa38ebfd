import { describeAdapter } from '../../src/engine/backend/deviceInfo.ts'
import type { DeviceInfo } from '../../src/engine/training/types.ts'
import { measureSize, type SizeResult } from './measure.ts'
import { sizes } from './sizes.ts'
import type { Precision } from './workload.ts'

export interface BenchOptions {
  /** Names of sizes; null takes those that suit the adapter. */
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
  readonly results: readonly SizeResult[]
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
  const names = only ?? (info.isSoftware ? ['tiny'] : ['small', 'big'])
  const results: SizeResult[] = []
  for (const size of sizes.filter(({ name }) => names.includes(name))) {
    const pace = info.isSoftware ? { minRounds: 5, maxRounds: 20 } : { minRounds: 20, maxRounds: 200 }
    const matmulSide = info.isSoftware ? 512 : 2048
    results.push(
      await measureSize(size, {
        gpu,
        precision,
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
