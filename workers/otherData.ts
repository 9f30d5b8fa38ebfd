import type { Prepared } from '../src/core/prepared.ts'
import type { RunConfig } from '../src/core/runConfig.ts'
import { otherDataGraph, type OtherDataRequest } from '../src/data/otherDataGraph.ts'
import type { StepRunner } from '../src/data/steps/stepRunner.ts'
import { checkDataKind } from '../src/engine/tasks/checkFacts.ts'

/**
 * Other data than a run's, all of them, by the name that an evaluation knows them by, and made where it is not known.
 * @throws DataError `data-unfit` where the task of the run has no use for data of their kind
 */
export function otherData(
  { config, ...request }: Omit<OtherDataRequest, 'data'> & { readonly config: RunConfig },
  runner: StepRunner,
  onNotice: (notice: string) => void = () => {},
): { preparedKey: string; prepared(): Promise<Prepared> } {
  checkDataKind(config, request.kind)
  const node = otherDataGraph({ ...request, data: config.data })
  return {
    preparedKey: node.key,
    async prepared() {
      const { value } = await runner.run(node)
      value.notices?.forEach(onNotice)
      return { key: node.key, ...value }
    },
  }
}
