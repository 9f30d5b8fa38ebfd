import type { DataKind } from '../../core/catalog.ts'
import type { Diagnosis } from '../../core/finding.ts'
import type { StepReport } from '../../core/steps.ts'
import type { Content } from '../preparing/content.ts'
import { defineStep, jsonCodec } from '../steps/defineStep.ts'
import { sourceNode, stepNode, type GraphNode, type StepNode } from '../steps/stepNode.ts'
import type { StepRunner } from '../steps/stepRunner.ts'
import { checks } from './checks.ts'
import type { Check } from './defineCheck.ts'
import { readDoctorSet, type DoctorSet } from './doctorSet.ts'
import { diagnosisStep } from './isExamined.ts'
import type { Rules } from './rules.ts'
import { joinChecked, runCheck, type Checked } from './runCheck.ts'

export interface ExamineRequest {
  readonly name: string
  readonly kind: DataKind
  readonly content: Content
  readonly contentSha256: string
  /** The column with the labels; null to find it. */
  readonly labels: string | null
  readonly rules: Rules | null
  readonly seed: number
  readonly signal?: AbortSignal
  /** Each check as it begins and goes on; not those that are found stored. */
  onProgress?(progress: CheckProgress): void
}

export interface CheckProgress {
  readonly title: string
  /** Share of this check that is done, from 0 to 1. */
  readonly share: number
  /** Checks before it, of so many. */
  readonly done: number
  readonly total: number
}

export interface Examination {
  readonly diagnosis: Diagnosis
  /** What was reused, and why something was not. */
  readonly reports: readonly StepReport[]
}

/**
 * Runs those checks over a set of which nothing is stored. The same content, labels, rules and seed give the same. Throws
 * what reading the set throws, and `cancelled`.
 */
export async function examine(runner: StepRunner, request: ExamineRequest): Promise<Examination> {
  const { signal } = request
  const { value, reports } = await runner.run(diagnosisNode(request), { signal })
  return { diagnosis: { name: request.name, ...value }, reports }
}

/** What an earlier `examine` with the checks of now has left; null where it would have to be computed. */
export async function keptDiagnosis(runner: StepRunner, request: ExamineRequest): Promise<Diagnosis | null> {
  const value = await runner.peek(diagnosisNode(request))
  return value && { name: request.name, ...value }
}

/** The name is not of the content: a set that is renamed is not examined anew. */
type Nameless = Omit<Diagnosis, 'name'>

const read = defineStep<{ kind: DataKind; labels: string | null }, { content: Content }, DoctorSet>({
  id: 'doctor/set',
  title: 'The set as checks see it',
  version: 2,
  codec: null,
  run: async ({ config: { kind, labels }, inputs: { content } }) =>
    readDoctorSet(kind, await content.whole(), { name: '', labels }),
})

const join = defineStep<null, { set: DoctorSet } & Record<string, unknown>, Nameless>({
  id: diagnosisStep,
  title: 'What all checks say',
  version: 1,
  codec: jsonCodec<Nameless>(),
  run: ({ inputs }) =>
    joinChecked(
      inputs.set,
      checks.all.map(({ id }) => inputs[id] as Checked),
    ),
})

/** Each check is a step of its own: another one, or other rules, leave what the rest found as it is. */
function diagnosisNode(request: ExamineRequest): StepNode<Nameless> {
  const { kind, content, contentSha256, labels, rules, seed } = request
  const source = sourceNode(contentSha256, content)
  const set = stepNode(read, { config: { kind, labels }, inputs: { content: source } })
  const inputs: Record<string, GraphNode<unknown>> & { set: GraphNode<DoctorSet> } = { content: source, set }
  checks.all.forEach((check, place) => {
    inputs[check.id] = stepNode(checkStep(check, { place, request }), {
      config: { rules: check.usesRules ? rules : null },
      inputs: { set },
      seed,
    })
  })
  return stepNode(join, { config: null, inputs })
}

function checkStep(
  check: Check,
  { place, request: { onProgress } }: { place: number; request: ExamineRequest },
) {
  return defineStep<{ rules: Rules | null }, { set: DoctorSet }, Checked>({
    id: `doctor/${check.id}`,
    title: check.title,
    version: check.version,
    codec: jsonCodec<Checked>(),
    run({ config: { rules }, seed, inputs: { set }, signal, onProgress: report }) {
      const tell = (share: number) => {
        report(share)
        onProgress?.({ title: check.title, share, done: place, total: checks.all.length })
      }
      tell(0)
      return runCheck(check, set, { seed, rules, signal, onProgress: tell })
    },
  })
}
