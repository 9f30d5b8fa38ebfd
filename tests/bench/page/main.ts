import { runBench, type BenchOptions, type BenchRun } from '../runBench.ts'

declare global {
  interface Window {
    /** Provided by the command that opened the page. */
    benchNote: (line: string) => void
    hasAdapter: () => Promise<boolean>
    runBunsenBench: (options: BenchOptions) => Promise<BenchRun>
  }
}

window.hasAdapter = async () => Boolean(await navigator.gpu?.requestAdapter())
window.runBunsenBench = (options) => runBench(navigator.gpu, options, (line) => window.benchNote(line))
