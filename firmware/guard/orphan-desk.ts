/**
 * One guard with a last will in a gateway's folder. A guard whose gateway has died may still be trying when the next
 * gateway starts: the new guard asks it to go, takes its unfinished will over, and the serial line is free.
 *
 * The guard runs in that folder, so that the socket's name is short however deep the folder lies.
 */
import { chmodSync, rmSync } from "node:fs";
import { createConnection, createServer, type Server } from "node:net";
import { fail, ok, type Result } from "#base/result.ts";

const SOCKET_NAME = "guard.sock";
const ANSWER_LIMIT_MS = 3_000;

export interface OrphanDesk {
  close(): void;
}

export interface DeskFault {
  readonly reason: string;
}

export interface Predecessor {
  /** It has not been able to switch its controller off. */
  readonly wasArmed: boolean;
}

/** What a guard says to one that asks for its place. */
export type Handover = "armed" | "disarmed" | "held";

/** Waits until an orphan of this folder has gone. Refused while the gateway of the other guard is alive. */
export async function replaceOrphan(): Promise<Result<Predecessor, DeskFault>> {
  const answer = await askOther();
  if (answer === "held") return fail({ reason: "another guard of this gateway's folder serves a living gateway" });
  return ok({ wasArmed: answer === "armed" });
}

/** @param handOver called for each guard that asks; after an answer other than `held` this process must end. */
export async function openDesk(handOver: () => Handover): Promise<Result<OrphanDesk, DeskFault>> {
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.end(handOver());
  });
  rmSync(SOCKET_NAME, { force: true });
  const failure = await listen(server);
  if (failure !== undefined) return fail({ reason: `${SOCKET_NAME} in the gateway's folder: ${failure.message}` });
  chmodSync(SOCKET_NAME, 0o600);
  return ok({
    close: () => {
      server.close();
    },
  });
}

function askOther(): Promise<string> {
  return new Promise((resolve) => {
    const socket = createConnection(SOCKET_NAME);
    let answer = "";
    socket.setEncoding("utf8");
    // One that does not answer stands still itself and holds nothing that it could use.
    socket.setTimeout(ANSWER_LIMIT_MS, () => socket.destroy());
    socket.on("data", (chunk: string) => {
      answer += chunk;
    });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      resolve(answer);
    });
  });
}

function listen(server: Server): Promise<Error | undefined> {
  return new Promise((resolve) => {
    server.once("error", resolve);
    server.listen(SOCKET_NAME, () => {
      resolve(undefined);
    });
  });
}
