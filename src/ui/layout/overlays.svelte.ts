/** Which of the page's dialogs is open. */
export const overlays: { open: 'commands' | 'shortcuts' | null } = $state({ open: null })
