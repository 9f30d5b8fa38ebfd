/** How well one class is told, each 0 to 1; 0 where there is nothing to divide by. */
export interface ClassScores {
  /** Of what was said to be of the class, the share that is. */
  readonly precision: number
  /** Of what is of the class, the share that was said to be. */
  readonly recall: number
  /** Their harmonic mean. */
  readonly f1: number
  /** Items that are of the class, and that were said to be. */
  readonly there: number
  readonly said: number
}

export interface ClassReport {
  readonly items: number
  readonly accuracy: number
  /** Mean recall of the classes that occur. */
  readonly balancedAccuracy: number
  /** Matthews' correlation coefficient of several classes (Gorodkin 2004), -1 to 1; 0 where one side is always the same. */
  readonly matthews: number
  /** Agreement beyond chance (Cohen 1960); null where chance alone agrees always. */
  readonly kappa: number | null
  /** By class, in their order. */
  readonly classes: readonly ClassScores[]
}

/** Of a confusion matrix [C, C]: rows by the right class, columns by the one that was said. */
export function classReport(counts: ArrayLike<number>): ClassReport {
  const numClasses = Math.sqrt(counts.length)
  const places = Array.from({ length: numClasses }, (_, place) => place)
  const at = (right: number, said: number) => counts[right * numClasses + said]!
  const total = (of: (place: number) => number) => places.reduce((sum, place) => sum + of(place), 0)
  const classes = places.map((own): ClassScores => {
    const [there, said] = [total((other) => at(own, other)), total((other) => at(other, own))]
    return {
      precision: share(at(own, own), said),
      recall: share(at(own, own), there),
      f1: share(2 * at(own, own), there + said),
      there,
      said,
    }
  })
  const items = total((own) => classes[own]!.there)
  const right = total((own) => at(own, own))
  const sumOf = (of: (scores: ClassScores) => number) => total((own) => of(classes[own]!))
  // Of every pair of a right class and one that was said, drawn apart, how many agree: by chance.
  const both = sumOf(({ there, said }) => there * said)
  const spread =
    (items ** 2 - sumOf(({ said }) => said ** 2)) * (items ** 2 - sumOf(({ there }) => there ** 2))
  const occurring = classes.filter(({ there }) => there > 0)
  return {
    items,
    accuracy: share(right, items),
    balancedAccuracy: share(
      occurring.reduce((sum, { recall }) => sum + recall, 0),
      occurring.length,
    ),
    matthews: share(right * items - both, Math.sqrt(spread)),
    kappa: items ** 2 === both ? null : (right * items - both) / (items ** 2 - both),
    classes,
  }
}

/** Means of precision, recall and F1: every class alike, or each by how many items are of it. */
export function meanScores(
  classes: readonly ClassScores[],
  weighs: 'macro' | 'weighted',
): Pick<ClassScores, 'precision' | 'recall' | 'f1'> {
  const weight = ({ there }: ClassScores) => (weighs === 'macro' ? 1 : there)
  const whole = classes.reduce((sum, scores) => sum + weight(scores), 0)
  const mean = (of: (scores: ClassScores) => number) =>
    share(
      classes.reduce((sum, scores) => sum + weight(scores) * of(scores), 0),
      whole,
    )
  return {
    precision: mean(({ precision }) => precision),
    recall: mean(({ recall }) => recall),
    f1: mean(({ f1 }) => f1),
  }
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}
