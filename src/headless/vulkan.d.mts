type Environment = Readonly<Record<string, string | undefined>>

export declare function vulkanEnvironment(env?: Environment): Record<string, string>
export declare function swiftShaderFolder(env?: Environment): string | null
