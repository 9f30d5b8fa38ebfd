const longest = 100

/**
 * A file's name as it can stand in a sentence: control characters, marks that turn the writing direction and lone
 * surrogates become U+FFFD, and a very long one loses its middle. The extension stays.
 */
export function shownName(name: string): string {
  // Marks of direction let a name pose as another: “a\u202Etxt.exe” reads as “aexe.txt”.
  const marks = Array.from(
    name.replaceAll(/[\p{Cc}\p{Cs}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu, '\uFFFD'),
  )
  if (marks.length <= longest) return marks.join('')
  return `${marks.slice(0, longest / 2).join('')}…${marks.slice(1 - longest / 2).join('')}`
}
