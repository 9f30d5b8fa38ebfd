import { initWasm } from '@resvg/resvg-wasm'

const started = Symbol.for('bunsen.resvg')

/** The package lets itself be started once in a process, in which a build may evaluate its users more than once. */
export function startResvg(
  read: () => Uint8Array<ArrayBuffer> | Promise<Uint8Array<ArrayBuffer>>,
): Promise<void> {
  const shared = globalThis as { [started]?: Promise<void> }
  shared[started] ??= Promise.resolve(read()).then((bytes) => initWasm(bytes))
  return shared[started]
}
