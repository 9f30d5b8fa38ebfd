import { expect, it } from 'vitest'
import { recordingIo } from '../../../tests/helpers/commandIo.ts'
import sample from './sample.ts'

it.each([
  [['--length-penalty', '2'], /--length-penalty goes with --beams/],
  [['--beams', '4', '--temperature', '1', '--seed', '3'], /nothing is drawn, got --temperature, --seed/],
])('refuses by name what would do nothing: %j', async (flags, message) => {
  const { io } = recordingIo()
  await expect(sample.run(['nowhere', ...flags], io)).rejects.toThrow(
    expect.objectContaining({ code: 'bad-arguments', message: expect.stringMatching(message) as string }),
  )
})
