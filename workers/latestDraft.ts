/**
 * Ends work for a draft once other work is asked for another draft; work asked for again under the same key goes on.
 * Gives the signal of the work under a key.
 */
export function createLatestDraft(): (key: string) => AbortSignal {
  let latest: { key: string; abort: AbortController } | null = null
  return (key) => {
    if (latest?.key !== key) {
      latest?.abort.abort()
      latest = { key, abort: new AbortController() }
    }
    return latest.abort.signal
  }
}
