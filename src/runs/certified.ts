import { browserName, compareLosses, comparisonWords, type Certificate } from '../core/certificate.ts'
import type { RunRecord } from '../storage/types.ts'
import type { RunState } from './runState.svelte.ts'

/** What came out of a run, for its link; null where it did not begin by itself, or has done no update. */
export function certificateOf(
  { firstLosses }: Pick<RunState, 'firstLosses'>,
  { device, parent, branch, codeVersion }: Pick<RunRecord, 'device' | 'parent' | 'branch' | 'codeVersion'>,
): Certificate | null {
  if (firstLosses.length === 0 || device === null || parent !== null || branch) return null
  const { name, userAgent, measuredKernels } = device
  return {
    adapter: name,
    browser: browserName(userAgent),
    codeVersion,
    losses: firstLosses,
    ...(measuredKernels && { kernels: measuredKernels }),
  }
}

/** What a run of a link has come to, beside the one that the link was made of; null where there is nothing to compare. */
export function comparedWithLink(
  { certificate, firstLosses }: Pick<RunState, 'certificate' | 'firstLosses'>,
  { codeVersion, device }: Pick<RunRecord, 'codeVersion' | 'device'>,
): ReturnType<typeof comparisonWords> | null {
  const comparison = certificate && compareLosses(certificate, firstLosses)
  if (!comparison) return null
  const kernels = device?.measuredKernels
  return comparisonWords(comparison, certificate, { codeVersion, ...(kernels && { kernels }) })
}
