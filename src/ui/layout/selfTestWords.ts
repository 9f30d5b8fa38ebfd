import type { Lab } from '../../runs/lab.svelte.ts'

type Report = NonNullable<Lab['selfTest']>

/** How the kernels of the adapter are, in a few words; null where there is nothing to say. */
export function selfTestSummary(report: Report | null): string | null {
  if (report === null || report.total === 0 || report.verdicts.length === 0) return null
  const wrong = report.verdicts.filter(({ isRight }) => !isRight).length
  const right = report.verdicts.length - wrong
  const rest = report.total - report.verdicts.length
  const counted = rest === 0 ? `${right} kernels right` : `${right} of ${report.total} kernels right so far`
  return wrong === 0 ? `self-test: ${counted}` : `self-test: ${counted}, ${wrong} wrong`
}

/** A sentence for each wrong kernel, and one for those that rest on it. */
export function selfTestProblems({ verdicts, replaced }: Report): string[] {
  const wrong = verdicts.filter(({ isRight }) => !isRight)
  const sentences = wrong.map(({ kernel, worstError, problem, isTwinRight, isLate }) => {
    if (isLate)
      return `${kernel} did not answer in time, as on a machine that is busy; its slower form is used until the page is opened again.`
    const why = worstError === null ? problem : `worst error ${Number(worstError.toPrecision(1))}`
    const form = isTwinRight === false ? 'its slower form is wrong here, too' : 'its slower form is used'
    return `${kernel} is wrong on this adapter (${why}); ${form}.`
  })
  const resting = replaced.filter((kernel) => !wrong.some((verdict) => verdict.kernel === kernel))
  if (resting.length > 0) sentences.push(`So are the slower forms of what uses it: ${resting.join(', ')}.`)
  return sentences
}
