/** Rows as comma-separated values after RFC 4180, each ended by `\n`. White space at the ends of cells is kept by quotes. */
export function writeTable(rows: readonly (readonly string[])[]): string {
  return rows.map((cells) => cells.map(quoted).join(',') + '\n').join('')
}

function quoted(cell: string): string {
  return /[",\n\r]/.test(cell) || cell !== cell.trim() ? `"${cell.replaceAll('"', '""')}"` : cell
}
