declare module 'virtual:bundled-data' {
  /** In the order that they are offered in; the first is the default. */
  // eslint-disable-next-line @typescript-eslint/consistent-type-imports -- a relative import is not allowed in here
  export const bundled: readonly import('../../core/catalog.ts').BundledEntry[]
  /** What each package says about its rights. */
  export const bundledNotices: readonly { id: string; notice: string }[]
}
