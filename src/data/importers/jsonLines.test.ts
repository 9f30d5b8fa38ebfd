import { expect, it } from 'vitest'
import { collectText } from '../collectText.ts'
import { memorySource } from '../reading/source.ts'

const read = (content: string, textField = '', pieceSizeBytes = 9) =>
  collectText([memorySource('a.jsonl', content, pieceSizeBytes)], { params: { 'json-lines': { textField } } })

it('takes the field "text", whichever place it has', async () => {
  const { text, counts, notices } = await read(
    '{"id":"x","text":"one\\r\\ntwo"}\n\n{"id":"y","text":"drei ü"}\r\n',
  )
  expect(text).toBe('one\ntwo\n\ndrei ü')
  expect(counts.records).toBe(2)
  expect(notices).toEqual([{ level: 'info', message: 'a.jsonl: text taken from the field "text".' }])
})

it('takes the first field that holds text where there is no "text", and plain strings', async () => {
  expect((await read('{"n":1,"body":"a","title":"b"}\n{"title":"c","body":"d"}\n')).text).toBe('a\n\nd')
  expect((await read('"a"\n"b"\n')).text).toBe('a\n\nb')
})

it('takes the field that is asked for', async () => {
  expect((await read('{"text":"a","title":"b"}\n', 'title')).text).toBe('b')
  await expect(read('{"text":"a"}\n', 'missing')).rejects.toMatchObject({ code: 'broken-records' })
})

it('leaves broken lines out and names them', async () => {
  const { text, notices } = await read('{"text":"a"}\n{"text":"b"\n{"text":3}\n{"text":"c"}\n{"text":"d"}\n')
  expect(text).toBe('a\n\nc\n\nd')
  expect(notices[0]).toMatchObject({ level: 'warning' })
  expect(notices[0]!.message).toMatch(
    /2 of 5 lines .*line 2: is not JSON.*line 3: has no text in the field "text"/,
  )
})

it('refuses a file of which more than half is broken', async () => {
  await expect(read('{"text":"a"}\n{"text":\n{"te\n')).rejects.toMatchObject({ code: 'broken-records' })
})

it('is not fooled by names from a prototype, and replaces halves of surrogate pairs', async () => {
  expect((await read('{"__proto__":{"text":"x"},"a":"y"}\n')).text).toBe('y')
  expect((await read('{"text":"\\ud83d!"}\n')).text).toBe('\uFFFD!')
})
