export declare const chromiumArgs: readonly string[]
export declare function findChromium(
  env?: Readonly<Record<string, string | undefined>>,
): Promise<string | null>
