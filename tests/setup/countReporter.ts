import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Reporter, SerializedError, TestCase, TestModule } from 'vitest/node'

/** What one run of Vitest gave, for the runner: BUNSEN_REPORT names the file. */
export interface CountReport {
  passed: number
  failed: number
  skipped: number
  /** `suite > test: reason`, the same reason once with the number of its tests. */
  skips: string[]
  /** `file > suite > test: message` */
  failures: string[]
}

/** Counts tests and collects why some were skipped. A file that cannot be loaded and a stray error count as failed. */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    const path = process.env['BUNSEN_REPORT']
    if (path === undefined) return
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const inState = (state: string) => tests.filter((test) => test.result().state === state)
    const broken = modules.filter((module) => module.errors().length > 0)
    const skipped = [...inState('skipped'), ...inState('pending')].map(reasonOf)
    const emptied = modules.filter((module) => module.state() === 'skipped').flatMap(emptySuites)
    const report: CountReport = {
      passed: inState('passed').length,
      failed: inState('failed').length + broken.length + unhandledErrors.length,
      skipped: skipped.length + emptied.length,
      skips: countSame([...skipped, ...emptied]),
      failures: [
        ...inState('failed').map((test) => failureOf(test.module, test.fullName, test.result().errors)),
        ...broken.map((module) => failureOf(module, 'the file itself', module.errors())),
        ...unhandledErrors.map(({ message }) => `outside of tests: ${firstLine(message)}`),
      ],
    }
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, JSON.stringify(report))
  }
}

/** The note of `ctx.skip(note)`; else the names, which say why by custom. */
function reasonOf(test: TestCase): string {
  const result = test.result()
  const note = result.state === 'skipped' ? result.note : undefined
  const suite = test.parent.type === 'suite' ? test.parent.fullName : test.name
  return note === undefined ? `${test.module.relativeModuleId}: ${suite}` : note
}

function failureOf(
  module: TestModule,
  name: string,
  errors: readonly { message: string }[] | undefined,
): string {
  return `${module.relativeModuleId} > ${name}: ${firstLine(errors?.[0]?.message ?? '')}`
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0]!.slice(0, 200)
}

/** Suites that are made from files: where those are not there, one skipped suite without tests says so. */
function emptySuites(module: TestModule): string[] {
  const suites = [...module.children.allSuites()].filter((suite) => suite.children.size === 0)
  return suites.map((suite) => `${module.relativeModuleId}: ${suite.fullName}`)
}

function countSame(reasons: readonly string[]): string[] {
  const counts = new Map<string, number>()
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  return [...counts].map(([reason, count]) => `${count} × ${reason}`)
}
