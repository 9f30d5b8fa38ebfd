const storageKey = 'bunsen-dismissed'

/** Notices that the visitor has put away: they stay away, in this browser. */
class Dismissals {
  #names: readonly string[] = $state.raw(read())

  has(name: string): boolean {
    return this.#names.includes(name)
  }

  add(name: string): void {
    this.#names = [...new Set([...this.#names, name])]
    try {
      localStorage.setItem(storageKey, this.#names.join(' '))
    } catch {
      // Storage may be blocked; then it stays away until the page is closed.
    }
  }
}

function read(): string[] {
  try {
    return (localStorage.getItem(storageKey) ?? '').split(' ').filter((name) => name !== '')
  } catch {
    return []
  }
}

export const dismissals = new Dismissals()
