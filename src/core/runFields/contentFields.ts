/** How a configuration names content that lies in a browser. */
export function contentFields(nameHelp: string) {
  return {
    name: {
      type: 'text',
      label: 'Name',
      help: nameHelp,
      default: '',
      maxLength: 255,
    },
    sha256: {
      type: 'text',
      label: 'SHA-256',
      help: 'Hash of its content: it is found by it.',
      default: '',
      maxLength: 64,
      pattern: { source: '[0-9a-f]{64}', means: 'the 64 hexadecimal digits of a SHA-256' },
    },
    sizeBytes: {
      type: 'int',
      label: 'Size',
      help: 'Size of its content.',
      default: 0,
      min: 0,
      max: 1e15,
      unit: 'B',
    },
  } as const
}
