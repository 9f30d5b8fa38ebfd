import { placeOf, type Place, type RouteName } from './place.ts'

/**
 * Where the visitor is, as real paths below whatever folder the app is served from. `index.html` sets `<base>` from
 * the address before anything loads, so `document.baseURI` is the app's folder on every page, also after a reload.
 */
function basePath(): string {
  return new URL('.', document.baseURI).pathname
}

function current(): Place {
  const { pathname, search } = window.location
  const base = basePath()
  const path = pathname.startsWith(base) ? pathname.slice(base.length) : ''
  return placeOf(path, new URLSearchParams(search))
}

class Route {
  #place: Place = $state.raw(current())

  get name(): RouteName {
    return this.#place.name
  }
  get id(): string | undefined {
    return this.#place.id
  }
  get query(): URLSearchParams {
    return this.#place.query
  }
  /** Reads the address again: after `navigate`, back and forward. */
  update(): void {
    this.#place = current()
  }
}

export const route = new Route()

/** The address of a path of the app: `href('/runs/abc')`. */
export function href(path: string): string {
  return basePath() + path.replace(/^\//, '')
}

/** Goes to a path of the app, `/` being the Train page. */
export function navigate(path: string): void {
  const target = href(path)
  if (target !== window.location.pathname + window.location.search + window.location.hash) {
    window.history.pushState(null, '', target)
  }
  route.update()
}

/** Follows links of the app without loading a page, and back and forward. Returns what undoes it. */
export function followLinks(): () => void {
  const onClick = (event: MouseEvent) => {
    if (
      event.defaultPrevented ||
      event.button !== 0 ||
      event.metaKey ||
      event.ctrlKey ||
      event.shiftKey ||
      event.altKey
    )
      return
    const link = event.target instanceof Element ? event.target.closest('a') : null
    if (!link || link.target || link.hasAttribute('download') || link.origin !== window.location.origin)
      return
    if (!link.pathname.startsWith(basePath()) || link.protocol === 'blob:') return
    const path = link.pathname.slice(basePath().length)
    if (placeOf(path, new URLSearchParams()).name === 'missing') return
    event.preventDefault()
    navigate(path + link.search + link.hash)
  }
  const onPop = () => route.update()
  document.addEventListener('click', onClick)
  window.addEventListener('popstate', onPop)
  return () => {
    document.removeEventListener('click', onClick)
    window.removeEventListener('popstate', onPop)
  }
}
