import { getBackend, setBackend } from './tfjs.ts'

/** Runs tfjs operations on the CPU, at once; what they give is read as ever. The current backend is the same after it. */
export function onCpu<T>(run: () => T): T {
  const current = getBackend()
  // Both need nothing to wait for, so that they take effect before they return.
  void setBackend('cpu')
  try {
    return run()
  } finally {
    void setBackend(current)
  }
}
