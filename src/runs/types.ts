/** What the interface may know of the workers' protocol and of what is stored: types only. */
export type * from '../../workers/protocol.ts'
export type {
  CheckpointInfo,
  DeviceRecord,
  LogEntry,
  PreparedText,
  RunRecord,
  StoredStatus,
  TokenArray,
} from '../storage/types.ts'
