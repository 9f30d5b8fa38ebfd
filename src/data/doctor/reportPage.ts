import { encode } from 'fast-png'
import type { DataKind } from '../../core/catalog.ts'
import type { Diagnosis, Finding } from '../../core/finding.ts'
import { adviceOf, severityWords } from '../../core/findingWords.ts'
import { shownName } from '../../core/shownName.ts'
import type { ItemView } from '../../core/taskView.ts'
import { itemsByPlace } from '../previewItems.ts'
import { withoutPersonalData } from './personalData.ts'
import { reportStyle } from './reportStyle.ts'

export interface Examined {
  readonly kind: DataKind
  readonly sha256: string
  readonly bytes: Uint8Array
}

/** More of them are counted, not shown, so that a page of a large set can still be read. */
const most = { findings: 50, items: 6, cells: 12, characters: 300 }

/**
 * What was found in a set, with what it was found in, as a page of HTML that stands by itself: no scripts, nothing that is
 * loaded, and a policy that forbids both. All that comes from the set is escaped, and personal data in it masked.
 */
export function reportPage(diagnosis: Diagnosis, { kind, sha256, bytes }: Examined): string {
  const { name, count, checks, findings, bySeverity, labels } = diagnosis
  const title = `Check of ${shownName(name)}`
  const at = itemsByPlace(kind, bytes)
  const view = (finding: Finding) =>
    finding.items.slice(0, most.items).flatMap((item) => at([item]).map((shown) => ({ item, shown })))
  const sections = checks.map(({ id, title: heading, headline, skipped }) => {
    const own = findings.filter(({ check }) => check === id)
    const words = skipped ?? (own.length === 0 ? 'Nothing found.' : headline)
    const more = own.length - most.findings
    return [
      `<section><h2>${escaped(heading)}</h2><p class="${own.length === 0 ? 'muted' : 'headline'}">${escaped(words)}</p>`,
      own.length === 0 ? '' : '<ul>',
      ...own.slice(0, most.findings).map((finding) => findingItem(finding, view(finding))),
      own.length === 0 ? '' : '</ul>',
      more > 0 ? `<p class="muted">And ${more} more; the report as JSON has all.</p>` : '',
      '</section>',
    ]
      .filter((line) => line !== '')
      .join('\n')
  })
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${reportStyle}</style>
</head>
<body>
<main>
<h1>${escaped(title)}</h1>
<p>${count} items, ${severityWords(bySeverity)}. Items are counted from 0.</p>
<p class="muted">${escaped(kind)}${labels ? `, labels in ${escaped(labels.column)}` : ''}. SHA-256 ${escaped(sha256)}</p>
${sections.join('\n')}
</main>
</body>
</html>
`
}

function findingItem(
  { severity, message, fix, confidence, count, items }: Finding,
  shown: readonly { item: number; shown: ItemView }[],
): string {
  const more = count - shown.length
  return [
    `<li><p><b class="${severity}">${severity}</b> ${escaped(withoutPersonalData(`${message} ${adviceOf(fix)}`))} <span class="muted">${Math.round(confidence * 100)} % sure</span></p>`,
    shown.length === 0 ? '' : '<div class="items">',
    ...shown.map(({ item, shown: view }) => itemFigure(item, view)),
    shown.length === 0 ? '' : '</div>',
    more > 0 && items.length > 0 ? `<p class="muted">And ${more} more.</p>` : '',
    '</li>',
  ].join('')
}

function itemFigure(item: number, view: ItemView): string {
  if (view.kind === 'picture') {
    const words = cut(view.caption ?? '')
    return `<figure><img alt="item ${item}" src="${pngAddress(view)}"><figcaption>${item}${words === '' ? '' : ` ${escaped(words)}`}</figcaption></figure>`
  }
  const cells = view.cells
    .slice(0, most.cells)
    .map(([name, value]) => `<dt>${escaped(cut(name))}</dt><dd>${escaped(cut(value)) || '–'}</dd>`)
  const more = view.cells.length - most.cells
  return `<figure><figcaption>${item}</figcaption><dl>${cells.join('')}</dl>${more > 0 ? `<p class="muted">${more} more columns</p>` : ''}</figure>`
}

function pngAddress({ width, height, channels, pixels }: Extract<ItemView, { kind: 'picture' }>): string {
  const png = encode({ width, height, channels: channels as 1 | 3, depth: 8, data: pixels })
  let binary = ''
  for (const byte of png) binary += String.fromCharCode(byte)
  return `data:image/png;base64,${btoa(binary)}`
}

/** Masked before it is cut: half a number would not be known for one. */
function cut(text: string): string {
  const safe = withoutPersonalData(text)
  return safe.length > most.characters ? `${safe.slice(0, most.characters)}…` : safe
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text that stands for itself in HTML, in content and in quoted attributes. What no document may hold becomes U+FFFD. */
function escaped(text: string): string {
  return text
    .replaceAll(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F\u202A-\u202E\u2066-\u2069\p{Cs}]/gu, '\uFFFD')
    .replaceAll(/[&<>"']/g, (sign) => entities[sign]!)
}
