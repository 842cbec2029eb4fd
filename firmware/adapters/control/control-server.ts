/**
 * The control endpoint of a running gateway: a Unix socket that only its own user may open. Every line gets an answer,
 * also one that nobody understands; lines and connections are bounded.
 */
import { once } from "node:events";
import { chmod } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import {
  CONNECTIONS_MAX,
  IDLE_MS_MAX,
  linesOf,
  refusal,
  REQUEST_BYTES_MAX,
  type ControlAnswer,
} from "./control-message.ts";
import { ControlError } from "./control-error.ts";
import { clearControlPlace, findControlPlace, makeControlPlace } from "./control-place.ts";

/**
 * Answers a request of anybody's making. Must not throw. A promise is for what has to be on flash before it is told;
 * the connection's next request waits for it.
 */
export type AnswerRequest = (request: unknown) => ControlAnswer | Promise<ControlAnswer>;

export interface ControlServer {
  readonly path: string;
  /** Ends all connections and removes the socket. */
  close(): Promise<void>;
}

/**
 * Listens beside the configuration in `home`. The caller owns the gateway's flash folder, so a socket that nobody
 * listens on was left by an earlier life that was killed.
 *
 * @throws ControlError CONTROL_IN_USE, or the system's error
 */
export async function startControlServer(home: string, answer: AnswerRequest): Promise<ControlServer> {
  const old = await findControlPlace(home);
  if (old !== undefined) {
    if (await answers(old)) throw new ControlError("CONTROL_IN_USE", `${old}: another gateway listens here already`);
    await clearControlPlace(home, old);
  }
  const path = await makeControlPlace(home);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    welcome(socket, sockets, answer);
  });
  await listen(server, path);
  await chmod(path, OWNER_ONLY);
  return {
    path,
    close: async () => {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
      await clearControlPlace(home, path);
    },
  };
}

const OWNER_ONLY = 0o600;

function welcome(socket: Socket, sockets: Set<Socket>, answer: AnswerRequest): void {
  // The other end may vanish at any moment; what it asked is done or not, and nobody is left to be told.
  socket.on("error", () => undefined);
  socket.setTimeout(IDLE_MS_MAX, () => socket.destroy());
  if (sockets.size >= CONNECTIONS_MAX) {
    // Nobody reads from this one, so it would never hear that the other end has gone.
    socket.end(lineOf(refusal("CONTROL_BUSY", `at most ${CONNECTIONS_MAX} connections at a time`)), () => {
      socket.destroy();
    });
    return;
  }
  sockets.add(socket);
  socket.on("close", () => sockets.delete(socket));
  // An iteration that ends with an error has lost its socket, which was all that it had to do with.
  converse(socket, answer).catch(() => socket.destroy());
}

async function converse(socket: Socket, answer: AnswerRequest): Promise<void> {
  for await (const line of linesOf(socket, REQUEST_BYTES_MAX)) {
    if (line === undefined) {
      const answerText = lineOf(refusal("CONTROL_LINE_TOO_LONG", `a request has at most ${REQUEST_BYTES_MAX} bytes`));
      // Leaving the loop destroys the socket: the answer has to be out before.
      await new Promise<void>((resolve) => socket.end(answerText, resolve));
      return;
    }
    if (!socket.write(lineOf(await answerLine(line, answer)))) await once(socket, "drain");
  }
  socket.end();
}

async function answerLine(line: string, answer: AnswerRequest): Promise<ControlAnswer> {
  let request: unknown;
  try {
    request = JSON.parse(line);
  } catch {
    return refusal("CONTROL_NOT_JSON", 'expected one JSON object a line, such as {"command":"status"}');
  }
  return await answer(request);
}

function lineOf(answer: ControlAnswer): string {
  return `${JSON.stringify(answer)}\n`;
}

async function listen(server: Server, path: string): Promise<void> {
  const failed = once(server, "error").then(([error]: unknown[]) => {
    throw error instanceof Error ? error : new Error(`cannot listen at ${path}`);
  });
  const listening = once(server, "listening");
  // The one that does not come must not stay behind as a rejection that nobody awaits.
  failed.catch(() => undefined);
  server.listen(path);
  await Promise.race([listening, failed]);
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => {
      resolve(false);
    });
  });
}
