import type { Server } from 'node:http'

export declare function createStaticServer(folder: string): Server
export declare function listen(
  server: Server,
  options: { host: string; port: number; tries?: number },
): Promise<string>
