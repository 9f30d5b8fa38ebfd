export type RouteName = 'train' | 'data' | 'runs' | 'run' | 'compare' | 'missing'

export interface Place {
  name: RouteName
  id?: string
  query: URLSearchParams
}

/** The place that a path below the base names; `path` has no leading slash. */
export function placeOf(path: string, query: URLSearchParams): Place {
  const parts = path.split('/').filter((part) => part !== '' && part !== 'index.html')
  const [first, second] = parts
  if (parts.length === 0) return { name: 'train', query }
  if (parts.length === 1 && (first === 'data' || first === 'runs' || first === 'compare'))
    return { name: first, query }
  if (parts.length === 2 && first === 'runs') return { name: 'run', id: decode(second!), query }
  return { name: 'missing', query }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
