/**
 * Two halves of a network whose link can be cut so that whatever is sent across vanishes without a word, as behind a
 * router that has lost its line: network namespaces joined by a third that stops forwarding. Where the machine allows
 * none, all runs in one network, and what crosses goes through a relay of TCP that stops reading.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { createServer, connect, type Server, type Socket } from "node:net";

export type Half = "left" | "right";

export interface CutNetwork {
  readonly kind: "network namespaces" | "TCP relay";
  /** Words before a command that runs it in this half. */
  within(half: Half): readonly string[];
  /** Where a server in this half listens. */
  addressOf(half: Half): string;
  /** What a client in the left half dials to reach a server that listens at this port in the right one. */
  across(port: number): Promise<{ readonly host: string; readonly port: number }>;
  cut(): void;
  heal(): void;
  close(): Promise<void>;
}

export function openCutNetwork(kind?: CutNetwork["kind"]): CutNetwork {
  return kind !== "TCP relay" && mayMakeNamespaces() ? new Namespaces() : new TcpRelay();
}

function mayMakeNamespaces(): boolean {
  const name = `tallystick-${process.pid}-try`;
  if (spawnSync("ip", ["netns", "add", name], { env: ENVIRONMENT }).status !== 0) return false;
  const forward = ["netns", "exec", name, "sysctl", "-q", "-w", "net.ipv4.ip_forward=1"];
  const mayForward = spawnSync("ip", forward, { env: ENVIRONMENT }).status === 0;
  spawnSync("ip", ["netns", "del", name], { env: ENVIRONMENT });
  return mayForward;
}

const ENVIRONMENT = { ...process.env, PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin` };

/** 198.18.0.0/15 is set aside for tests of networks (RFC 2544): no machine's own network is hidden by it. */
const ADDRESS = { left: "198.18.1.2", right: "198.18.2.2" } as const;
const ROUTER = { left: "198.18.1.1", right: "198.18.2.1" } as const;

class Namespaces implements CutNetwork {
  readonly kind = "network namespaces";
  readonly #prefix = `tallystick-${process.pid}`;

  constructor() {
    try {
      for (const place of ["left", "wire", "right"]) {
        ip("netns", "add", this.#name(place));
        ip("-n", this.#name(place), "link", "set", "lo", "up");
      }
      for (const half of ["left", "right"] as const) this.#join(half);
      this.heal();
    } catch (error) {
      this.#remove();
      throw error;
    }
  }

  within(half: Half): readonly string[] {
    return ["ip", "netns", "exec", this.#name(half)];
  }

  addressOf(half: Half): string {
    return ADDRESS[half];
  }

  across(port: number): Promise<{ readonly host: string; readonly port: number }> {
    return Promise.resolve({ host: ADDRESS.right, port });
  }

  cut(): void {
    this.#forward(0);
  }

  heal(): void {
    this.#forward(1);
  }

  close(): Promise<void> {
    this.#remove();
    return Promise.resolve();
  }

  #join(half: Half): void {
    const own = this.#name(half);
    const wire = this.#name("wire");
    ip("-n", own, "link", "add", "eth0", "type", "veth", "peer", "name", half, "netns", wire);
    ip("-n", own, "addr", "add", `${ADDRESS[half]}/24`, "dev", "eth0");
    ip("-n", wire, "addr", "add", `${ROUTER[half]}/24`, "dev", half);
    ip("-n", own, "link", "set", "eth0", "up");
    ip("-n", wire, "link", "set", half, "up");
    ip("-n", own, "route", "add", "default", "via", ROUTER[half]);
  }

  #forward(value: 0 | 1): void {
    ip("netns", "exec", this.#name("wire"), "sysctl", "-q", "-w", `net.ipv4.ip_forward=${value}`);
  }

  #name(place: string): string {
    return `${this.#prefix}-${place}`;
  }

  #remove(): void {
    for (const place of ["left", "wire", "right"]) {
      spawnSync("ip", ["netns", "del", this.#name(place)], { env: ENVIRONMENT });
    }
  }
}

function ip(...words: readonly string[]): void {
  execFileSync("ip", words, { stdio: ["ignore", "ignore", "pipe"], env: ENVIRONMENT });
}

class TcpRelay implements CutNetwork {
  readonly kind = "TCP relay";
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();
  #isCut = false;

  within(): readonly string[] {
    return [];
  }

  addressOf(): string {
    return "127.0.0.1";
  }

  async across(port: number): Promise<{ readonly host: string; readonly port: number }> {
    const server = createServer({ pauseOnConnect: this.#isCut }, (near) => {
      const far = connect(port, "127.0.0.1");
      for (const [socket, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(socket);
        socket.on("error", () => other.destroy());
        socket.on("close", () => {
          this.#sockets.delete(socket);
          other.destroy();
        });
        socket.on("data", (bytes) => other.write(bytes));
        if (this.#isCut) socket.pause();
      }
    });
    this.#servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    if (typeof address !== "object" || address === null) throw new Error("bug: the relay listens nowhere");
    return { host: "127.0.0.1", port: address.port };
  }

  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.pause();
  }

  heal(): void {
    this.#isCut = false;
    for (const socket of this.#sockets) socket.resume();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(this.#servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }
}
