export interface ImportNotice {
  level: 'info' | 'warning'
  message: string
}

/** Tells a person something about a file that is no error. */
export type Notify = (level: ImportNotice['level'], message: string) => void
