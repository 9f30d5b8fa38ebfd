import { defineTransform } from './defineTransform.ts'

/** Unicode default lower case, character by character. */
export default defineTransform({
  id: 'lowercase',
  order: 0,
  version: 1,
  title: 'Lower case',
  summary: 'Makes all letters small: fewer characters to learn, but capitals are gone.',
  fields: {},
  create: () => ({
    // Σ is the one letter whose small form depends on its neighbours, which may be in another piece.
    push: (piece) => piece.replaceAll('Σ', 'σ').toLowerCase(),
    end: () => '',
  }),
})
