import type { Finding } from '../../core/finding.ts'
import type { ItemView } from '../../core/taskView.ts'

const mostCells = 6
const mostCharacters = 160

/** An item as evidence: of a row the cells that the finding is about first, and no more than fit. */
export function evidenceOf(view: ItemView, { values }: Finding, labelColumn: string | null): ItemView {
  if (view.kind === 'picture') return view
  const wanted = [values['column'], labelColumn]
  const isWanted = ([name]: readonly [string, string]) => wanted.includes(name)
  const cells = [...view.cells.filter(isWanted), ...view.cells.filter((cell) => !isWanted(cell))]
  return {
    kind: 'row',
    cells: cells.slice(0, mostCells).map(([name, value]) => [name, shortened(value)] as const),
  }
}

function shortened(text: string): string {
  const signs = Array.from(text.slice(0, 2 * mostCharacters))
  return signs.length > mostCharacters || text.length > 2 * mostCharacters
    ? `${signs.slice(0, mostCharacters).join('')}…`
    : text
}
