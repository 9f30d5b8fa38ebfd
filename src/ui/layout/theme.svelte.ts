export type ThemeChoice = 'system' | 'light' | 'dark'

const storageKey = 'bunsen-theme'
const darkSystem = window.matchMedia('(prefers-color-scheme: dark)')

function stored(): ThemeChoice {
  try {
    const text = localStorage.getItem(storageKey)
    return text === 'light' || text === 'dark' ? text : 'system'
  } catch {
    return 'system' // storage is blocked: follow the system
  }
}

/** The theme. `resolved` is what is shown; charts read it to redraw. `index.html` sets it before the first paint. */
class Theme {
  choice: ThemeChoice = $state(stored())
  #isSystemDark = $state(darkSystem.matches)
  resolved: 'light' | 'dark' = $derived(
    this.choice === 'system' ? (this.#isSystemDark ? 'dark' : 'light') : this.choice,
  )

  constructor() {
    darkSystem.addEventListener('change', (event) => {
      this.#isSystemDark = event.matches
      this.#show()
    })
    this.#show()
  }

  /** Light, dark; back to the system's where that is the same. */
  toggle(): void {
    const next = this.resolved === 'dark' ? 'light' : 'dark'
    this.choice = (next === 'dark') === this.#isSystemDark ? 'system' : next
    try {
      if (this.choice === 'system') localStorage.removeItem(storageKey)
      else localStorage.setItem(storageKey, this.choice)
    } catch {
      // Storage is blocked: the choice holds for this visit.
    }
    this.#show()
  }

  #show(): void {
    document.documentElement.dataset['theme'] = this.resolved
    const ground = this.resolved === 'dark' ? '#0f1113' : '#f5f6f7'
    document.querySelector('meta[name="theme-color"]')?.setAttribute('content', ground)
  }
}

export const theme = new Theme()
