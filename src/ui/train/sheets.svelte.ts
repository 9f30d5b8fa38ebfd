/** On a phone the Train page is two sheets; elsewhere both are in view. */
export const sheets: { shown: 'settings' | 'results' } = $state({ shown: 'results' })
