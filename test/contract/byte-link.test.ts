/** The byte link contract on every medium: memory, TCP on this machine, and a serial line made of pseudo terminals. */
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";

import { suite } from "uvu";
import * as assert from "uvu/assert";

import { concatBytes } from "#base/bytes.ts";
import { SerialLink } from "#hal/linux/serial-link.ts";
import { SystemClock } from "#hal/linux/system-clock.ts";
import { TcpLink } from "#hal/linux/tcp-link.ts";
import { joinMemoryLinks } from "#hal/mock/memory-link.ts";
import type { ByteLink, ByteLinkListener } from "#hal/ports/byte-link.ts";
import { openPtyPair } from "../builders/pty-pair.ts";
import { byteLinkContract, type ByteLinkFixture } from "./byte-link.ts";

byteLinkContract("memory", async () => {
  const cable = joinMemoryLinks({ clock: new SystemClock(), seed: 4, delayMs: 0.05 });
  const far = await openFarEnd(cable.right);
  return {
    link: cable.left,
    ...far,
    breakMedium: () => {
      cable.cut("cable pulled");
      return Promise.resolve();
    },
    repairMedium: async () => {
      cable.mend();
      await far.reopen();
    },
    dispose: () => Promise.resolve(),
  };
});

byteLinkContract("serial", async () => {
  const pair = await openPtyPair();
  const settings = { baudRate: 115_200, dataBits: 8, parity: "none", stopBits: 1 } as const;
  const farLink = new SerialLink({ path: pair.farPath, ...settings });
  const far = await openFarEnd(farLink);
  return {
    link: new SerialLink({ path: pair.nearPath, ...settings }),
    ...far,
    breakMedium: () => pair.unplug(),
    repairMedium: async () => {
      await pair.plugIn();
      await far.reopen();
    },
    dispose: async () => {
      await farLink.close();
      await pair.dispose();
    },
  };
});

byteLinkContract("TCP", async () => {
  const peer = new TcpPeer();
  const port = await peer.listen(0);
  return {
    link: new TcpLink({ host: "127.0.0.1", port }),
    send: (bytes) => peer.send(bytes),
    received: () => peer.received(),
    breakMedium: () => peer.stop(),
    repairMedium: async () => {
      await peer.listen(port);
    },
    dispose: () => peer.stop(),
  };
});

async function openFarEnd(
  link: ByteLink,
): Promise<Pick<ByteLinkFixture, "send" | "received"> & { reopen(): Promise<void> }> {
  const chunks: Uint8Array[] = [];
  const listener: ByteLinkListener = {
    onData: (bytes) => chunks.push(bytes.slice()),
    onClose: () => undefined,
  };
  const reopen = async (): Promise<void> => {
    await link.close();
    const opened = await link.open(listener);
    if (!opened.ok) throw new Error(opened.fault.reason);
  };
  await reopen();
  return {
    send: async (bytes) => {
      const sent = await link.write(bytes);
      if (!sent.ok) throw new Error(sent.fault.reason);
    },
    received: () => concatBytes(...chunks),
    reopen,
  };
}

class TcpPeer {
  readonly #chunks: Uint8Array[] = [];
  #server: Server | undefined;
  #socket: Promise<Socket> | undefined;

  async listen(port: number): Promise<number> {
    const server = createServer();
    this.#server = server;
    this.#socket = new Promise((resolve) => {
      server.on("connection", (socket) => {
        socket.on("data", (chunk) => this.#chunks.push(Uint8Array.from(chunk)));
        socket.on("error", () => undefined);
        resolve(socket);
      });
    });
    await new Promise<void>((resolve) => {
      server.listen(port, "127.0.0.1", resolve);
    });
    return addressOf(server).port;
  }

  async send(bytes: Uint8Array): Promise<void> {
    (await this.#socket)?.write(bytes);
  }

  received(): Uint8Array {
    return concatBytes(...this.#chunks);
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    const closed = new Promise((resolve) => server.close(resolve));
    const anyone = await Promise.race([this.#socket, Promise.resolve(undefined)]);
    anyone?.destroy();
    await closed;
  }
}

function addressOf(server: Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return address;
}

const serial = suite("serial link");

serial("a line that one link holds is refused to a second one", async () => {
  const pair = await openPtyPair();
  const settings = { path: pair.nearPath, baudRate: 9600, dataBits: 8, parity: "none", stopBits: 1 } as const;
  const [holder, intruder] = [new SerialLink(settings), new SerialLink(settings)];
  const listener: ByteLinkListener = { onData: () => undefined, onClose: () => undefined };
  assert.ok((await holder.open(listener)).ok);
  const refused = await intruder.open(listener);
  await holder.close();
  const afterwards = await intruder.open(listener);
  await intruder.close();
  await pair.dispose();
  assert.ok(!refused.ok && refused.fault.code === "LINK_UNREACHABLE");
  assert.ok(afterwards.ok);
});

serial.run();
