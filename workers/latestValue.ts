/** Keeps the value that was made last, under its key; one that could not be made is not kept. */
export function createLatestValue<T>(): (key: string, make: () => Promise<T>) => Promise<T> {
  let latest: { readonly key: string; readonly value: T } | null = null
  return async (key, make) => {
    if (latest?.key === key) return latest.value
    const value = await make()
    latest = { key, value }
    return value
  }
}
