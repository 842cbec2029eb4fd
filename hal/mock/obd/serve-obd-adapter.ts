/** The simulated adapter on TCP, as Wi-Fi adapters are: one client at a time, and the adapter outlives its clients. */
import { createServer, type Server, type Socket } from "node:net";

import type { Clock } from "#hal/ports/clock.ts";
import type { BatterySource } from "./battery-source.ts";
import { type ObdBench, type ObdBenchSettings, plugObdAdapter } from "./obd-bench.ts";

export interface ServedObdAdapter extends ObdBench {
  readonly port: number;
  /** The adapter is pulled: the client's connection breaks and none is accepted. */
  unplug(): Promise<void>;
  plugIn(): Promise<void>;
  close(): Promise<void>;
}

export interface ObdServerSettings extends ObdBenchSettings {
  /** 0 takes any free one. */
  readonly port: number;
  /** Loopback unless told otherwise. */
  readonly host?: string;
}

/** Rejects with the system's error when the port cannot be had. */
export async function serveObdAdapter(
  dependencies: { readonly clock: Clock; readonly battery: BatterySource },
  settings: ObdServerSettings,
): Promise<ServedObdAdapter> {
  let client: Socket | undefined;
  let server: Server | undefined;
  const bench = plugObdAdapter({ ...dependencies, write: (bytes) => client?.write(bytes) }, settings);
  const accept = (socket: Socket): void => {
    client?.destroy();
    client = socket;
    socket.setNoDelay(true);
    // A client that vanishes is no news to an adapter.
    socket.on("error", () => undefined);
    socket.on("close", () => {
      if (client === socket) client = undefined;
    });
    socket.on("data", (chunk: Buffer) => {
      bench.adapter.receive(chunk);
    });
  };
  const listen = async (port: number): Promise<number> => {
    server = createServer(accept);
    return await startListening(server, port, settings.host ?? "127.0.0.1");
  };
  const unplug = async (): Promise<void> => {
    const listening = server;
    server = undefined;
    client?.destroy();
    if (listening === undefined) return;
    await new Promise((resolve) => listening.close(resolve));
  };
  const port = await listen(settings.port);
  return {
    ...bench,
    port,
    unplug,
    plugIn: async () => {
      await listen(port);
    },
    close: unplug,
  };
}

function startListening(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}
