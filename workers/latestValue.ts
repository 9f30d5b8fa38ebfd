/**
 * Keeps the value that was made last, under its key, for all who ask for it, also while it is made; one that could not be made
 * is not kept.
 */
export function createLatestValue<T>(): (key: string, make: () => Promise<T>) => Promise<T> {
  let latest: { readonly key: string; readonly value: Promise<T> } | null = null
  return (key, make) => {
    if (latest?.key === key) return latest.value
    const made = { key, value: make() }
    latest = made
    made.value.catch(() => {
      if (latest === made) latest = null
    })
    return made.value
  }
}
