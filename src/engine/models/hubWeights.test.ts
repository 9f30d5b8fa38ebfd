import { describe, expect, it } from 'vitest'
import { float32Tensor, type NamedTensors } from '../../core/hostTensor.ts'
import { absentInHub, fromHub, toHub, type HubWeight } from './hubWeights.ts'

const table: HubWeight[] = [
  {
    name: 'qkv.weight',
    shape: [2, 4],
    hub: [
      { name: 'query.weight', shape: [3, 2] },
      { name: 'key.weight', shape: [1, 2] },
    ],
    layout: 'linear',
  },
  {
    name: 'qkv.bias',
    shape: [4],
    hub: [
      { name: 'query.bias', shape: [3] },
      { name: 'key.bias', shape: [1] },
    ],
    layout: 'same',
  },
  {
    name: 'projection.weight',
    shape: [8, 2],
    hub: [{ name: 'conv.weight', shape: [2, 2, 2, 2] }],
    layout: 'patches',
  },
  { name: 'cls_token', shape: [1, 2], hub: [{ name: 'cls', shape: [1, 1, 2] }], layout: 'same' },
]

const count = (length: number, first = 0) => Float32Array.from({ length }, (_, i) => first + i)

function hubFile(): NamedTensors {
  return new Map([
    ['query.weight', float32Tensor([3, 2], count(6))],
    ['key.weight', float32Tensor([1, 2], count(2, 6))],
    ['query.bias', float32Tensor([3], count(3))],
    ['key.bias', float32Tensor([1], count(1, 3))],
    ['conv.weight', float32Tensor([2, 2, 2, 2], count(16))],
    ['cls', float32Tensor([1, 1, 2], count(2))],
  ])
}

describe('weights of a hub', () => {
  it('transposes linear layers and puts their parts side by side', () => {
    const ours = fromHub(table, hubFile())
    // query = [[0, 1], [2, 3], [4, 5]] and key = [[6, 7]], as [out, in]
    expect(ours.get('qkv.weight')).toEqual(float32Tensor([2, 4], Float32Array.of(0, 2, 4, 6, 1, 3, 5, 7)))
    expect(ours.get('qkv.bias')).toEqual(float32Tensor([4], Float32Array.of(0, 1, 2, 3)))
  })

  it('turns a convolution of patches so that channels come last', () => {
    const { shape, data } = fromHub(table, hubFile()).get('projection.weight')!
    expect(shape).toEqual([8, 2])
    for (const [d, c, y, x] of [
      [0, 0, 0, 1],
      [1, 0, 1, 0],
      [1, 1, 1, 0],
      [0, 1, 0, 1],
    ] as const) {
      const theirs = ((d * 2 + c) * 2 + y) * 2 + x
      expect(data[((y * 2 + x) * 2 + c) * 2 + d]).toBe(theirs)
    }
  })

  it('comes back as it was', () => {
    expect(toHub(table, fromHub(table, hubFile()))).toEqual(hubFile())
  })

  it('writes zeros for what only theirs has, and takes nothing but zeros for it', () => {
    const absent = [absentInHub('offset', [2])]
    const zeros = new Map([['offset', float32Tensor([2], new Float32Array(2))]])
    expect(toHub(absent, new Map())).toEqual(zeros)
    expect(fromHub(absent, zeros)).toEqual(new Map())
    const others: NamedTensors = new Map([['offset', float32Tensor([2], Float32Array.of(0, 1))]])
    expect(fromHub(absent, others)).toEqual(others)
  })

  it('leaves alone what it does not know, and weights that are ours already', () => {
    const other = float32Tensor([1], count(1))
    const ours = fromHub(table, hubFile()).set('other', other)
    expect(fromHub(table, ours)).toEqual(ours)
  })

  it('refuses halves of a weight and other shapes, by their names there', () => {
    const half = hubFile()
    half.delete('key.weight')
    expect(() => fromHub(table, half)).toThrow(/qkv.weight is made of key.weight too/)
    const turned = hubFile().set('query.weight', float32Tensor([2, 3], count(6)))
    expect(() => fromHub(table, turned)).toThrow(/query.weight must be \[3, 2\], got \[2, 3\]/)
    expect(() => toHub(table, new Map())).toThrow(/qkv.weight/)
  })
})
