export declare const sourcePaths: readonly string[]
export declare const commandLinePaths: readonly string[]
export declare function hashPaths(root: string, paths: readonly string[]): string
export declare function readStamp(path: string): string
export declare function writeStamp(path: string, text: string): void
