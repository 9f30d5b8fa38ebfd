import { defaultsOf } from '../../../src/core/schema.ts'
import { oneCycleMomentumAt } from '../../../src/engine/optim/schedules/oneCycle.ts'
import { schedules } from '../../../src/engine/optim/schedules/registry.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import { asNumbers } from '../json.ts'
import { mapSchedule } from '../scheduleMaps.ts'

export default defineKind({
  id: 'lr_schedules',
  isFor: (file) => isAbout(file, /^learning-rate schedules/i),
  async check(golden) {
    const { id, params, totalSteps, learningRate, momentum } = mapSchedule(golden)
    const schedule = schedules.get(id)
    const settings = { ...defaultsOf(schedule.fields), ...params }
    const expected = asNumbers(golden.expected.take('lr'), 'expected.lr')
    // A schedule without an end does not look at the stage's length; the others get it from the case.
    const stage = { totalSteps: totalSteps ?? expected.length, learningRate }
    const rates = expected.map((_, step) => schedule.learningRateAt(settings, { step, ...stage }))
    golden.comparison.close('lr', rates, expected, golden.closeness)
    if (momentum === undefined || !golden.expected.has('momentum')) return
    const wanted = asNumbers(golden.expected.take('momentum'), 'expected.momentum')
    const shape = settings as Parameters<typeof oneCycleMomentumAt>[0]
    const found = wanted.map((_, step) =>
      oneCycleMomentumAt(shape, { step, totalSteps: stage.totalSteps, ...momentum }),
    )
    golden.comparison.close('momentum', found, wanted, golden.closeness)
  },
})
