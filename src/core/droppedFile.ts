/** A file as it was dropped or chosen. */
export interface DroppedFile {
  file: File
  /** Folders and name, parted by `/`; the name alone for a file by itself. */
  path: string
  /** The file or folder that was dropped, in browsers that tell. */
  handle?: FileSystemHandle
}
