/** Version, commit and content hash of the sources, set by the build: `0.1.0+1a2b3c4d5.9f8e7d6c`. */
declare const __CODE_VERSION__: string
