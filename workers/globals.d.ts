/** Package version, commit and hash of the sources; set by the build. */
declare const __CODE_VERSION__: string
