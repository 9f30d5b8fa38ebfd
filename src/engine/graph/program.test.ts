import { describe, expect, it } from 'vitest'
import type { PlannedPipeline, Recording } from '../backend/recorder.ts'
import { compileInBackground } from './program.ts'

/** A recording that runs each pipeline twice, and what its compiler was given and has yet to answer. */
function recordingOf(count: number) {
  const asked: string[] = []
  const answers: (() => void)[] = []
  const pipelines = Array.from({ length: count }, (_, k): PlannedPipeline => {
    const label = `p${k}`
    return {
      label,
      compileNow: () => ({}) as GPUComputePipeline,
      compile: () => {
        asked.push(label)
        return new Promise((resolve) => answers.push(() => resolve({} as GPUComputePipeline)))
      },
    }
  })
  const commands = [...pipelines, ...pipelines].map((pipeline) => ({
    kind: 'dispatch' as const,
    pipeline,
    bindings: [],
    writes: 0,
    grid: [1, 1, 1] as const,
    flops: 0,
  }))
  return { recording: { commands, forwardEnds: 0 } as unknown as Recording, asked, answers }
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 0))

describe('compileInBackground', () => {
  it('gives the compiler a few at a time, each once', async () => {
    const { recording, asked, answers } = recordingOf(5)
    const work = compileInBackground(recording, 2, new AbortController().signal)
    for (let given = 2; given <= 5; given++) {
      expect(asked).toHaveLength(given)
      answers.shift()!()
      await settled()
    }
    answers.forEach((answer) => answer())
    await work
    expect([...asked].sort()).toEqual(['p0', 'p1', 'p2', 'p3', 'p4'])
  })

  it('gives it nothing more once it is ended, and does not wait for what is there', async () => {
    const { recording, asked, answers } = recordingOf(5)
    const ending = new AbortController()
    const work = compileInBackground(recording, 2, ending.signal)
    ending.abort()
    await work
    answers.forEach((answer) => answer())
    await settled()
    expect(asked).toHaveLength(2)
  })

  it('tells what the compiler says', async () => {
    const { recording } = recordingOf(1)
    const failing: Recording = {
      ...recording,
      commands: recording.commands.map((command) => ({
        ...command,
        pipeline: { compile: () => Promise.reject(new Error('no such register')) },
      })) as unknown as Recording['commands'],
    }
    await expect(compileInBackground(failing, 2, new AbortController().signal)).rejects.toThrow(
      'no such register',
    )
  })
})
