import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The folder of this project, wherever in it the bundle of this code lies. */
export function projectFolder(): string {
  let folder = import.meta.dirname
  while (!existsSync(join(folder, 'vite.config.ts')) && dirname(folder) !== folder) folder = dirname(folder)
  return folder
}
