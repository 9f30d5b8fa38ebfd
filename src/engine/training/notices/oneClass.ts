import { defineNotice } from './defineNotice.ts'

const most = 0.95

/** Nearly all that the model says is one class, and that is not what the data hold. */
export default defineNotice({
  id: 'one-class',
  title: 'It says the same class for everything',
  look({ evaluations }) {
    const { view } = evaluations.at(-1) ?? {}
    if (view?.kind !== 'confusion') return null
    const { classes, counts } = view
    const total = counts.reduce((sum, count) => sum + count, 0)
    const sumOf = (places: (other: number) => number) =>
      classes.reduce((sum, _, other) => sum + counts[places(other)]!, 0)
    for (const [own, name] of classes.entries()) {
      const said = sumOf((right) => right * classes.length + own)
      const right = sumOf((other) => own * classes.length + other)
      if (said < most * total || right >= most * total) continue
      return `${said} of ${total} items of the validation are taken for ${name}, which ${right} are. Train longer or with a lower learning rate, draw batches balanced by class, or use a focal loss.`
    }
    return null
  },
})
