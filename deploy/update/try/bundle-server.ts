/** Hands bundles out over HTTP as a plain file server does, in the pieces that RAUC asks for. */
import { createReadStream, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, join } from "node:path";
import { pipeline } from "node:stream";

export interface BundleServer {
  readonly port: number;
  /** What has been handed out so far. */
  readonly bytes: () => number;
  close(): void;
}

export async function serveBundles(folder: string): Promise<BundleServer> {
  let bytes = 0;
  const server: Server = createServer((request, response) => {
    const path = join(folder, basename(request.url ?? ""));
    const size = statSync(path, { throwIfNoEntry: false })?.size;
    if (size === undefined) {
      response.writeHead(404).end();
      return;
    }
    const asked = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
    const start = Number(asked?.[1] ?? 0);
    const end = asked?.[2] ? Math.min(Number(asked[2]), size - 1) : size - 1;
    const headers = { "accept-ranges": "bytes", "content-length": end - start + 1 };
    if (asked === null) response.writeHead(200, headers);
    else response.writeHead(206, { ...headers, "content-range": `bytes ${start}-${end}/${size}` });
    if (request.method === "HEAD") {
      response.end();
      return;
    }
    bytes += end - start + 1;
    // A guest that lost its power leaves its connections open; there is nobody to tell.
    pipeline(createReadStream(path, { start, end }), response, () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    bytes: () => bytes,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
