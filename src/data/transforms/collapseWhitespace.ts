import { defineTransform } from './defineTransform.ts'

/** White space as in the regular expression class \s. */
export default defineTransform({
  id: 'collapse-whitespace',
  order: 2,
  version: 1,
  title: 'Collapse white space',
  summary: 'Makes every run of spaces one space and every run of empty lines one empty line.',
  fields: {
    isOneLine: {
      type: 'bool',
      label: 'Line breaks too',
      help: 'Also make line breaks spaces, for texts that were wrapped at a fixed width.',
      default: false,
    },
  },
  create({ isOneLine }) {
    /** Line breaks in the run that is going on; -1 outside of a run. */
    let newlines = -1
    let hasText = false
    const gap = () => {
      const text =
        newlines < 0 || !hasText ? '' : newlines === 0 || isOneLine ? ' ' : newlines === 1 ? '\n' : '\n\n'
      newlines = -1
      return text
    }
    return {
      push(piece) {
        const parts: string[] = []
        for (const [run] of piece.matchAll(/\s+|\S+/g)) {
          if (/\S/.test(run)) {
            parts.push(gap(), run)
            hasText = true
          } else newlines = Math.max(newlines, 0) + run.split('\n').length - 1
        }
        return parts.join('')
      },
      end: () => (hasText && newlines > 0 ? '\n' : ''),
    }
  },
})
