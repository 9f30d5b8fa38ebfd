import * as tf from '../../../src/engine/backend/tfjs.ts'
import loss from '../../../src/engine/losses/dino.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import { checkLoss } from '../lossCase.ts'
import { matrix } from '../pairCase.ts'

export default defineKind({
  id: 'dino',
  isFor: (file) => isAbout(file, /^DINO self-distillation/i),
  check(golden, context) {
    const params = {
      teacherTemperature: golden.param('teacher_temp'),
      studentTemperature: golden.param('student_temp'),
      centerMomentum: golden.param('center_momentum'),
    }
    const [teachers, students] = [golden.param('teacher_views'), golden.param('student_views')]
    const steps = golden.param('steps')
    return checkLoss(golden, context, (inputs) => {
      let center: tf.Tensor = tf.reshape(inputs.get('center'), [1, -1])
      const losses: tf.Scalar[] = []
      for (let step = 0; step < steps; step++) {
        const of = (name: string, count: number) =>
          Array.from({ length: count }, (_, i) => matrix(inputs, `${name}[${step * count + i}]`))
        const views = { student: of('student', students), teacher: of('teacher', teachers) }
        const result = loss.compute(params, { views }, { scalars: {}, state: { center } })
        center = result.state!['center']!
        losses.push(result.loss)
      }
      return {
        loss: tf.addN(losses),
        others: { losses_per_step: tf.stack(losses), center_after_last_step: center },
      }
    })
  },
})
