import {
  revisionOf,
  suggestedDecisions,
  type Decision,
  type Decisions,
  type Revision,
} from '../../core/decisions.ts'
import type { Diagnosis, Finding } from '../../core/finding.ts'

/** What a check is surer of is chosen from the beginning; the rest waits for somebody to take it. */
export const sureEnough = 0.9

const keep: Decision = { kind: 'keep' }

/** What becomes of each item that findings are about: what sure ones suggest, until somebody chooses otherwise. */
export class Choices {
  #decisions: Decisions = $state.raw(new Map())

  constructor({ findings }: Diagnosis) {
    this.#decisions = suggestedDecisions(findings.filter(({ confidence }) => confidence > sureEnough))
  }

  dropped: number = $derived.by(() => this.#count('drop'))
  relabelled: number = $derived.by(() => this.#count('relabel'))

  of(item: number): Decision {
    return this.#decisions.get(item) ?? keep
  }

  choose(items: readonly number[], decision: Decision): void {
    const decisions = new Map(this.#decisions)
    for (const item of items) decisions.set(item, decision)
    this.#decisions = decisions
  }

  /** What these findings suggest, whatever others do. */
  take(findings: readonly Finding[]): void {
    this.#decisions = new Map([...this.#decisions, ...suggestedDecisions(findings)])
  }

  /** Everything that these findings are about stays as it is. */
  keep(findings: readonly Finding[]): void {
    this.choose(
      findings.flatMap(({ items, fix }) => [...items, ...(fix.kind === 'drop' ? fix.items : [])]),
      keep,
    )
  }

  revision(labelColumn: string | null): Revision {
    return revisionOf(this.#decisions, labelColumn)
  }

  #count(kind: Decision['kind']): number {
    let count = 0
    for (const decision of this.#decisions.values()) if (decision.kind === kind) count++
    return count
  }
}
