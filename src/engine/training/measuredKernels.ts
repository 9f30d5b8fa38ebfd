import type { Certificate } from '../../core/certificate.ts'
import { DataError } from '../../core/errors.ts'
import { isRecord } from '../../core/predicates.ts'
import { showValue } from '../../core/showValue.ts'
import { LabBackend } from '../backend/labBackend.ts'
import { backend as currentBackend } from '../backend/tfjs.ts'
import type { MatmulChoices } from '../kernels/matmul/chooseMatmul.ts'
import { kernels, namesOn } from '../kernels/matmul/matmulKernels.ts'
import { tuneMatmul } from '../kernels/tuning/tuneMatmul.ts'
import type { RunProgress } from './runContext.ts'
import type { TrainSession } from './trainSession.ts'
import type { TrainEvent } from './types.ts'

/** Kernels that were chosen by measurement. They decide the bits of a run, so they are kept with it. */
export interface MeasuredKernels {
  /** Name of the adapter that they were measured on. */
  readonly adapter: string
  readonly matmul: MatmulChoices
}

/** How long a measurement may take, but for the candidate that it is at. */
const budgetMs = 1000
const mostChoices = 1024
/** As `matmulKey` writes them: of one product, or of a stack. */
const keyPattern = /^[nt]{2}( [1-9]\d{0,9}){3}( x [1-9]\d{0,9})?$/

/**
 * Gives a session the kernels that its configuration asks for, before its first step. Those that the run has used so
 * far stay, so that its bits do; they are measured where it has none, or was on another adapter, which rounds otherwise
 * anyway.
 * @param options.adapter name of the session's device
 * @param options.progress as the run's checkpoint has it
 * @returns what the next checkpoints must have, and what to tell
 */
export async function settleKernels({
  session,
  adapter,
  progress,
}: {
  session: TrainSession
  adapter: string
  progress: Pick<RunProgress, 'step' | 'kernels'>
}): Promise<{ kernels: MeasuredKernels | null; notices: TrainEvent[] }> {
  const { step, kernels: stored } = progress
  const backend = currentBackend()
  if (session.config.kernels === 'table') return { kernels: null, notices: [] }
  // The CPU has one way to multiply; a run that comes back to its GPU finds what it left there.
  if (!(backend instanceof LabBackend)) return { kernels: stored, notices: [] }
  const notice = (level: 'info' | 'warning', title: string, detail: string): TrainEvent => ({
    type: 'notice',
    step,
    level,
    title,
    detail,
  })
  if (stored?.adapter === adapter) {
    session.useKernels(stored.matmul)
    const here = new Set<string>(namesOn(backend.device))
    const missing = [...new Set(Object.values(stored.matmul).filter((name) => !here.has(name)))]
    if (missing.length === 0) return { kernels: stored, notices: [] }
    const title = `This adapter no longer runs ${missing.join(', ')}, which the run was measured with`
    const detail =
      'The products take the table’s kernels: what follows is close, not equal to the last digit.'
    return { kernels: stored, notices: [notice('warning', title, detail)] }
  }
  const matmul = await tuneMatmul(backend, await session.products(), { budgetMs })
  session.useKernels(matmul)
  backend.trim()
  const title = `The kernels of ${Object.keys(matmul).length} matrix products were measured on ${adapter}`
  const detail = stored
    ? `Those of ${stored.adapter} are not used here.`
    : 'The choice is kept with the run. Another run measures anew and may differ in the last digits.'
  return { kernels: { adapter, matmul }, notices: [notice('info', title, detail)] }
}

/**
 * What a checkpoint says about measured kernels, checked: it comes from outside.
 * @throws DataError `checkpoint-invalid`, which names what is wrong
 */
export function parseMeasuredKernels(value: unknown): MeasuredKernels | null {
  if (value === undefined || value === null) return null
  if (!isRecord(value)) throw damaged('kernels', 'an object', value)
  const { adapter, matmul } = value
  if (typeof adapter !== 'string' || adapter.length > 200) throw damaged('kernels.adapter', 'a name', adapter)
  if (!isRecord(matmul)) throw damaged('kernels.matmul', 'an object', matmul)
  const entries = Object.entries(matmul)
  if (entries.length > mostChoices)
    throw damaged('kernels.matmul', `at most ${mostChoices} products`, entries.length)
  const choices = entries.map(([key, name]): [string, string] => {
    if (!keyPattern.test(key)) throw damaged('kernels.matmul', 'named by products such as "nn 8 8 8"', key)
    if (typeof name !== 'string' || !Object.hasOwn(kernels, name))
      throw damaged(`kernels.matmul.${key}`, `one of ${Object.keys(kernels).join(', ')}`, name)
    return [key, name]
  })
  return { adapter, matmul: Object.fromEntries(choices) }
}

/** Those that the run of a link was computed with; null where it does not say, or names what is not known here. */
export function kernelsOfLink(certificate: Certificate | null): MeasuredKernels | null {
  if (!certificate?.kernels) return null
  try {
    return parseMeasuredKernels({ adapter: certificate.adapter, matmul: certificate.kernels })
  } catch {
    return null
  }
}

function damaged(field: string, rule: string, got: unknown): DataError {
  return new DataError(`checkpoint: ${field} must be ${rule}, got ${showValue(got)}`, {
    code: 'checkpoint-invalid',
    remedy:
      'The file is damaged, or a newer Bunsen saved it: reload the page to update, or take another copy.',
    details: { field },
  })
}
