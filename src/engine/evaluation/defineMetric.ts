/** What metrics are made from, by kind: a task measures one of them on the whole of the validation. */
export interface Measured {
  readonly likelihood: {
    /** In nats a token. */
    readonly meanLoss: number
  }
  /** Scores of classes and the right one, item by item. */
  readonly classes: {
    /** [N, C] */
    readonly logits: Float32Array
    /** [N] */
    readonly targets: Int32Array
    readonly numClasses: number
  }
  /** Scores of labels of which an item may have several, and those that it has, item by item. */
  readonly labelSets: {
    /** [N, L] */
    readonly logits: Float32Array
    /** [N, L]: 1 where an item has a label, else 0. */
    readonly targets: Uint8Array
    readonly numLabels: number
  }
  /** Vectors of both sides of pairs, item by item. */
  readonly pairs: {
    /** [N, D] */
    readonly a: Float32Array
    /** [N, D] */
    readonly b: Float32Array
    /** [N]: items with the same id belong together. */
    readonly ids: Int32Array
    readonly width: number
  }
  /** A vector of every item. */
  readonly vectors: {
    /** [N, D] */
    readonly vectors: Float32Array
    readonly width: number
    /** [N]; null where they have none. */
    readonly labels: Int32Array | null
    readonly numClasses: number
  }
  /** Texts that were written, and those that are right. */
  readonly writing: {
    readonly said: readonly string[]
    readonly right: readonly string[]
  }
  readonly values: {
    /** [N, C] */
    readonly prediction: Float32Array
    /** [N, C] */
    readonly target: Float32Array
  }
}

export type MeasuredKind = keyof Measured

interface MetricParts<K extends MeasuredKind> {
  readonly id: string
  readonly label: string
  readonly better: 'lower' | 'higher'
  readonly of: K
  /** It counts items: of each it is known whether it is one of them, so that chance can be told. */
  readonly isShare?: true
  /** null where what was measured does not have what it takes, labels say. */
  compute(measured: Measured[K]): number | null
}

export interface MetricSpec extends Omit<MetricParts<MeasuredKind>, 'compute'> {
  compute(measured: Measured[MeasuredKind]): number | null
}

/** A number that says how good a model is. */
export function defineMetric<K extends MeasuredKind>(metric: MetricParts<K>): MetricSpec {
  // A task computes only the metrics of its own kind.
  return { ...metric, compute: (measured) => metric.compute(measured as Measured[K]) }
}
