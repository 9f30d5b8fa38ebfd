import type { LabBackend } from '../backend/labBackend.ts'
import { rowTeams } from './layerNorm/normShape.ts'
import { workgroupSize } from './wgsl.ts'

/** How threads share rows, as WGSL and workgroups. */
export interface RowTeam {
  /** What of it is in the text; belongs into the dispatch's key. */
  key: string
  /** Comes after the body. */
  text: string
  grid: [number, number, number]
}

/**
 * Calls `each_row(row, lane, thread, is_there)` for every row below the u32 expression `count`, by LANES threads a row:
 * one alone on software adapters, as many as have work on hardware, where short rows share a workgroup. A body takes the
 * units `lane`, `lane + LANES`, ... of a row, joins what it found with `reduce(value, thread)`, which every lane has to
 * call, and writes only where `is_there`. It defines `combine(a, b)` of vec4<f32>, used in a fixed order. 16 bytes of
 * workgroup memory a thread; barriers are inside `reduce`: rows past the end are worked on as the last one.
 * @param units in one row
 */
export function rowTeam(
  backend: LabBackend,
  { rows, units, count }: { rows: number; units: number; count: string },
): RowTeam {
  if (backend.isSoftware) {
    return { key: 'alone', text: alone(count), grid: backend.line(Math.ceil(rows / workgroupSize)) }
  }
  const { rowsAtOnce, constants } = rowTeams(units)
  const { LANES: lanes, THREADS: threads } = constants as { LANES: number; THREADS: number }
  return {
    key: `${lanes} of ${threads}`,
    text: shared(count, lanes, threads),
    grid: backend.line(Math.ceil(rows / rowsAtOnce)),
  }
}

function alone(count: string): string {
  return `const LANES = 1u;
fn reduce(value: vec4<f32>, thread: u32) -> vec4<f32> { return value; }
@compute @workgroup_size(${workgroupSize})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32) {
  let row = (group.x + group.y * groups.x) * ${workgroupSize}u + thread;
  if (row < ${count}) { each_row(row, 0u, thread, true); }
}
`
}

function shared(count: string, lanes: number, threads: number): string {
  return `const LANES = ${lanes}u;
const THREADS = ${threads}u;
var<workgroup> team_values: array<vec4<f32>, THREADS>;
fn reduce(value: vec4<f32>, thread: u32) -> vec4<f32> {
  let lane = thread % LANES;
  team_values[thread] = value;
  var width = LANES;
  while (width > 1u) {
    let step = (width + 3u) / 4u;
    workgroupBarrier();
    if (lane < step) {
      var joined = team_values[thread];
      for (var k = 1u; k < 4u; k++) {
        if (lane + k * step < width) { joined = combine(joined, team_values[thread + k * step]); }
      }
      team_values[thread] = joined;
    }
    width = step;
  }
  workgroupBarrier();
  let result = team_values[thread - lane];
  workgroupBarrier();
  return result;
}
@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32) {
  let wanted = (group.x + group.y * groups.x) * (THREADS / LANES) + thread / LANES;
  let rows = ${count};
  each_row(min(wanted, rows - 1u), thread % LANES, thread, wanted < rows);
}
`
}

/** What bodies over `Unit`s of `units()` need besides: the largest of a unit, and which of its numbers has an index. */
export function unitParts(type: string): string {
  if (!type.startsWith('vec4'))
    return `fn largest_of(value: Unit) -> f32 { return value; }
fn columns_of(unit: u32) -> u32 { return unit; }
alias Columns = u32;
`
  return `fn largest_of(value: Unit) -> f32 { return max(max(value.x, value.y), max(value.z, value.w)); }
fn columns_of(unit: u32) -> vec4<u32> { return unit * 4u + vec4<u32>(0u, 1u, 2u, 3u); }
alias Columns = vec4<u32>;
`
}
