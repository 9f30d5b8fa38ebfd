/** Items joined to groups by pairs (union and find, with path halving). */
export class Groups {
  readonly #parent: Int32Array

  constructor(count: number) {
    this.#parent = Int32Array.from({ length: count }, (_, item) => item)
  }

  #root(item: number): number {
    let at = item
    while (this.#parent[at] !== at) at = this.#parent[at] = this.#parent[this.#parent[at]!]!
    return at
  }

  join(a: number, b: number): void {
    const [first, second] = [this.#root(a), this.#root(b)]
    this.#parent[Math.max(first, second)] = Math.min(first, second)
  }

  /** Those of at least two items, each in order, by their first. */
  all(): number[][] {
    return this.each().filter((items) => items.length > 1)
  }

  /** All of them, items alone too. */
  each(): number[][] {
    const byRoot = new Map<number, number[]>()
    for (let item = 0; item < this.#parent.length; item++) {
      const root = this.#root(item)
      const own = byRoot.get(root)
      if (own) own.push(item)
      else byRoot.set(root, [item])
    }
    return [...byRoot.values()]
  }
}
