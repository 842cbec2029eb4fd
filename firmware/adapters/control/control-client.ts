/** Asks a running gateway something through its control socket. */
import { connect, type Socket } from "node:net";
import { ANSWER_BYTES_MAX, linesOf, type ControlAnswer } from "./control-message.ts";
import { ControlError } from "./control-error.ts";
import { findControlPlace } from "./control-place.ts";

const ANSWER_MS_MAX = 10_000;

/** @throws ControlError when no gateway runs in `home`, or it gives no answer that can be read. */
export async function askGateway(home: string, request: Readonly<Record<string, unknown>>): Promise<ControlAnswer> {
  const path = await findControlPlace(home);
  if (path === undefined) throw notRunning(home);
  const socket = connect(path);
  socket.setTimeout(ANSWER_MS_MAX, () => {
    socket.destroy(new ControlError("CONTROL_NO_ANSWER", `the gateway in ${home} does not answer`));
  });
  try {
    socket.write(`${JSON.stringify(request)}\n`);
    return await readAnswer(socket, home);
  } catch (error) {
    throw error instanceof ControlError ? error : notRunning(home, error);
  } finally {
    socket.destroy();
  }
}

async function readAnswer(socket: Socket, home: string): Promise<ControlAnswer> {
  for await (const line of linesOf(socket, ANSWER_BYTES_MAX)) {
    const answer = line === undefined ? undefined : decodeAnswer(line);
    if (answer !== undefined) return answer;
    throw new ControlError("CONTROL_BAD_ANSWER", `what answers in ${home} is no gateway`);
  }
  throw new ControlError("CONTROL_NO_ANSWER", `the gateway in ${home} closed the connection without an answer`);
}

function decodeAnswer(line: string): ControlAnswer | undefined {
  let answer: unknown;
  try {
    answer = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof answer !== "object" || answer === null || !("ok" in answer)) return undefined;
  if (answer.ok === true) return { ...answer, ok: true };
  if (!("code" in answer) || !("message" in answer)) return undefined;
  const { code, message } = answer;
  return typeof code === "string" && typeof message === "string" ? { ok: false, code, message } : undefined;
}

function notRunning(home: string, cause?: unknown): ControlError {
  return new ControlError("CONTROL_NOT_RUNNING", `no gateway is running in ${home}`, cause);
}
