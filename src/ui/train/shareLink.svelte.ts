import { isSameTraining, type Certificate } from '../../core/certificate.ts'
import { certificateOf } from '../../runs/certified.ts'
import type { Lab } from '../../runs/lab.svelte.ts'
import { copyText } from '../layout/browser.ts'

/** Where the run on the page is one of the settings as they are now. */
function certificateOfDraft({ draft, run, runList }: Lab): Certificate | null {
  const record = run && runList.find(run.id)
  if (!draft || !run || !record || draft.branch || !isSameTraining(draft.config, run.config)) return null
  return certificateOf(run, record)
}

/** Copying the link: what became of it. `shown` holds the address where the browser keeps the page from copying. */
class ShareLink {
  isCopied = $state(false)
  shown: string | null = $state(null)
  #timer: ReturnType<typeof setTimeout> | undefined

  async copy(lab: Lab): Promise<void> {
    if (!lab.draft) return
    let address: string
    try {
      address = lab.link(lab.draft.config, certificateOfDraft(lab))
    } catch (error) {
      lab.report(error)
      return
    }
    this.isCopied = await copyText(address)
    this.shown = this.isCopied ? null : address
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => (this.isCopied = false), 2000)
  }
}

export const shareLink = new ShareLink()
