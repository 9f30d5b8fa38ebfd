import { canonicalJson } from './canonicalJson.ts'
import { ConfigError } from './errors.ts'
import { packJson, unpackJson } from './packedJson.ts'
import { isNumber, isRecord, isText } from './predicates.ts'
import type { RunConfig } from './runConfig.ts'

/** So many first updates are compared. */
export const certifiedSteps = 20
/** Losses that are farther apart than this share of them are not the same but for rounding. */
const roundingBand = 1e-3
const longestText = 200
/** A link must stay short enough to be sent: kernels that take more are left out. */
const mostEncoded = 4096

/**
 * What came out of a run, beside its settings in a link (`#c=…&r=…`): whoever runs them again is told whether the same came
 * out. The losses themselves, which as float32 are exact: a digest of them would tell that they differ, but not where nor by how
 * much.
 */
export interface Certificate {
  /** Of the GPU, or CPU. */
  readonly adapter: string
  readonly browser: string
  readonly codeVersion: string
  /** Of the first updates. float32 */
  readonly losses: readonly number[]
  /** By matrix product, where they were chosen by measurement: they decide the last bits. */
  readonly kernels?: Readonly<Record<string, string>>
}

/** The value of `r` in a link's fragment. */
export function encodeCertificate({ kernels, ...certificate }: Certificate): string {
  const short = {
    ...certificate,
    adapter: certificate.adapter.slice(0, longestText),
    browser: certificate.browser.slice(0, longestText),
    codeVersion: certificate.codeVersion.slice(0, longestText),
    // Nine digits tell every float32 apart.
    losses: certificate.losses
      .slice(0, certifiedSteps)
      .map((loss) => Number(Math.fround(loss).toPrecision(9))),
  }
  const whole = packJson(kernels ? { ...short, kernels } : short)
  return whole.length > mostEncoded ? packJson(short) : whole
}

/** Throws a `ConfigError` whose code says what is wrong: those of `unpackJson`, and `certificate-broken`. */
export function decodeCertificate(text: string): Certificate {
  const value = unpackJson(text)
  const isShort = (field: unknown) => isText(field) && field.length <= longestText
  const isSound =
    isRecord(value) &&
    isShort(value['adapter']) &&
    isShort(value['browser']) &&
    isShort(value['codeVersion']) &&
    Array.isArray(value['losses']) &&
    value['losses'].length <= certifiedSteps &&
    value['losses'].every((loss) => isNumber(loss)) &&
    (value['kernels'] === undefined ||
      (isRecord(value['kernels']) && Object.values(value['kernels']).every(isShort)))
  if (!isSound)
    throw new ConfigError('Share link: its certificate is not one of this version', {
      code: 'certificate-broken',
      remedy: 'The settings can be run all the same; what came out of them before is not known.',
    })
  const { adapter, browser, codeVersion, losses, kernels } = value as unknown as Certificate
  return { adapter, browser, codeVersion, losses: losses.map(Math.fround), ...(kernels && { kernels }) }
}

/** A certificate as it stands in a link; null for none, and for one that cannot be read. */
export function certificateIn(code: string | null): Certificate | null {
  if (code === null) return null
  try {
    return decodeCertificate(code)
  } catch {
    return null
  }
}

/** What of a run's events is looked at. */
type LossEvent = {
  readonly type: string
  readonly step?: number
  readonly values?: Readonly<Record<string, number>>
}

/**
 * The losses of a run's first updates with the events that came since: in order, without a gap, and none after something was
 * set by hand, nor of a run whose weights came from elsewhere, which has a checkpoint before its first update. The same list
 * where nothing was added.
 */
export function withLossesOf(
  losses: readonly number[],
  events: readonly LossEvent[],
  isClosed: boolean,
): readonly number[] {
  if (isClosed || losses.length >= certifiedSteps) return losses
  const added = [...losses]
  for (const { type, step, values } of events) {
    if (type === 'edit' || (type === 'checkpoint' && step === 0)) break
    const loss = values?.['train/loss']
    if (
      type !== 'metrics' ||
      loss === undefined ||
      step !== added.length + 1 ||
      !Number.isFinite(Math.fround(loss))
    )
      continue
    if (added.length < certifiedSteps) added.push(loss)
  }
  return added.length > losses.length ? added : losses
}

/** Whether the same comes out of two configurations: what they and their data are called changes nothing. */
export function isSameTraining(a: RunConfig, b: RunConfig): boolean {
  return canonicalJson(withoutNames(a)) === canonicalJson(withoutNames(b))
}

function withoutNames({ data, ...config }: RunConfig): unknown {
  return { ...config, name: '', data: { ...data, source: { ...data.source, name: '' } } }
}

export type Comparison =
  | { readonly kind: 'same'; readonly steps: number }
  /** `most`: how far apart they are at most, as a share. */
  | { readonly kind: 'rounding'; readonly steps: number; readonly most: number }
  | { readonly kind: 'differs'; readonly step: number; readonly loss: number; readonly expected: number }

/** Of the updates that both have; null where there is none. */
export function compareLosses(
  { losses: expected }: Certificate,
  losses: readonly number[],
): Comparison | null {
  const steps = Math.min(expected.length, losses.length)
  if (steps === 0) return null
  let most = 0
  for (let i = 0; i < steps; i++) {
    const apart = Math.abs(Math.fround(losses[i]!) - expected[i]!) / Math.max(1e-12, Math.abs(expected[i]!))
    if (!(apart <= roundingBand))
      return { kind: 'differs', step: i + 1, loss: losses[i]!, expected: expected[i]! }
    most = Math.max(most, apart)
  }
  return most === 0 ? { kind: 'same', steps } : { kind: 'rounding', steps, most }
}

/** What a comparison says to people. */
export function comparisonWords(
  comparison: Comparison,
  certificate: Certificate,
  here: { readonly codeVersion: string; readonly kernels?: Readonly<Record<string, string>> },
): { level: 'info' | 'warning'; title: string; detail: string } {
  const { adapter, browser, codeVersion } = certificate
  const where = `There it ran on ${adapter} in ${browser}.`
  if (comparison.kind === 'same')
    return {
      level: 'info',
      title: 'The same as in the link',
      detail: `The losses of the first ${countOf(comparison.steps)} are the same, bit for bit. ${where}`,
    }
  const differences = [
    ...(codeVersion === here.codeVersion
      ? []
      : [
          `That was Bunsen ${codeVersion || 'of no version'}, this is ${here.codeVersion || 'of no version'}.`,
        ]),
    ...(sameKernels(certificate.kernels, here.kernels)
      ? []
      : ['Its matrix products were measured and are computed otherwise.']),
  ]
  if (comparison.kind === 'rounding')
    return {
      level: 'info',
      title: 'The same as in the link but for rounding',
      detail: [
        `The losses of the first ${countOf(comparison.steps)} are at most ${Number((100 * comparison.most).toPrecision(2))} % apart.`,
        where,
        ...differences,
      ].join(' '),
    }
  const { step, loss, expected } = comparison
  return {
    level: 'warning',
    title: 'Not the same as in the link',
    detail: [
      `The loss of update ${step} is ${Number(loss.toPrecision(6))}, in the link it was ${Number(expected.toPrecision(6))}.`,
      where,
      ...differences,
    ].join(' '),
  }
}

function countOf(steps: number): string {
  return steps === 1 ? 'update' : `${steps} updates`
}

function sameKernels(a: Certificate['kernels'] = {}, b: Certificate['kernels'] = {}): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)])
  return [...names].every((name) => a[name] === b[name])
}

/** Name and version of a browser, as far as it tells them. */
export function browserName(userAgent: string): string {
  const known = [
    ['Edge', /Edg\/(\d+)/],
    ['Firefox', /Firefox\/(\d+)/],
    ['Chromium', /Chrome\/(\d+)/],
    ['Safari', /Version\/(\d+)[\d.]* .*Safari/],
    ['Node', /Node\.js\/v?(\d+)/],
  ] as const
  for (const [name, pattern] of known) {
    const version = pattern.exec(userAgent)?.[1]
    if (version !== undefined) return `${name} ${version}`
  }
  return userAgent.slice(0, 60) || 'an unknown browser'
}
