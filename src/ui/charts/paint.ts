/** Resolves CSS colours and fonts for a canvas, which knows no custom properties. */
export class Paint {
  #probe: HTMLSpanElement
  #colors = new Map<string, string>()

  constructor(host: HTMLElement) {
    this.#probe = document.createElement('span')
    this.#probe.hidden = true
    host.append(this.#probe)
  }

  color(css: string): string {
    let color = this.#colors.get(css)
    if (color === undefined) {
      this.#probe.style.color = css
      color = getComputedStyle(this.#probe).color
      this.#colors.set(css, color)
    }
    return color
  }

  font(sizePx: number): string {
    this.#probe.style.fontFamily = 'var(--mono)'
    return `${sizePx}px ${getComputedStyle(this.#probe).fontFamily}`
  }

  /** After a change of theme. */
  forget(): void {
    this.#colors.clear()
  }
}
