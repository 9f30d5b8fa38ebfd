import { defineSplit, fractionField, tooShortToSplit } from './defineSplit.ts'

export default defineSplit({
  id: 'tail',
  order: 0,
  version: 1,
  usesSeed: false,
  of: 'any',
  title: 'The end',
  summary: 'Keeps the last part of the data for validation: nothing of it can leak from what was trained on.',
  fields: { fraction: fractionField },
  validation(length, { fraction }) {
    if (length < 2) throw tooShortToSplit(length, 2, 'Choose more data.')
    const kept = Math.min(length - 1, Math.max(1, Math.round(length * fraction)))
    return [{ start: length - kept, end: length }]
  },
})
