/** What systems leave beside people's files, steps of a path as `..` aside; a folder that was chosen itself is wanted, whatever it is called. */
export function isLitter(path: string): boolean {
  const parts = path.split('/')
  return (parts.length > 1 ? parts.slice(1) : parts).some((part) =>
    /^(\.(?!\.?$)|__MACOSX$|Thumbs\.db$|desktop\.ini$)/i.test(part),
  )
}
