/** The control socket: what it answers, what it refuses, and what it leaves behind. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { askGateway } from "#adapters/control/control-client.ts";
import { CONNECTIONS_MAX, REQUEST_BYTES_MAX, type ControlAnswer } from "#adapters/control/control-message.ts";
import { SOCKET_PATH_BYTES_MAX } from "#adapters/control/control-place.ts";
import { startControlServer, type ControlServer } from "#adapters/control/control-server.ts";

const test = suite("control socket");

test("each line is answered, in order, also by halves and several at once", async () => {
  await withServer(async ({ path }) => {
    const lines = await talk(path, ['{"a":1}\n{"a":2}\n{"a"', ":3}\n"], 3);
    assert.equal(
      lines.map((line) => (JSON.parse(line) as { request: { a: number } }).request.a),
      [1, 2, 3],
    );
  });
});

test("what is no JSON gets an answer, and the connection goes on", async () => {
  await withServer(async ({ path }) => {
    const [bad, good] = await talk(path, ["{oops\n", '{"a":1}\n'], 2);
    assert.match(bad ?? "", /"ok":false,"code":"CONTROL_NOT_JSON"/);
    assert.match(good ?? "", /"ok":true/);
  });
});

test("a line that is too long gets an answer and the end of the connection", async () => {
  await withServer(async ({ path }) => {
    const lines = await talk(path, ["x".repeat(REQUEST_BYTES_MAX + 1)], 9);
    assert.is(lines.length, 1);
    assert.match(lines[0] ?? "", /CONTROL_LINE_TOO_LONG/);
    const second = await talk(path, [`"${"x".repeat(REQUEST_BYTES_MAX)}"\n`], 9);
    assert.match(second[0] ?? "", /CONTROL_LINE_TOO_LONG/);
  });
});

test("one connection too many is told so, and one that ends makes room", async () => {
  await withServer(async ({ path, home }) => {
    const sockets = Array.from({ length: CONNECTIONS_MAX }, () => connect(path));
    await Promise.all(sockets.map((socket) => answerTo(socket, '{"a":1}\n')));
    const refused = await askGateway(home, {});
    assert.is(refused.ok, false);
    assert.is(refused.ok ? "" : refused.code, "CONTROL_BUSY");
    const [first] = sockets;
    first?.end();
    await new Promise((resolve) => first?.on("close", resolve));
    assert.is((await askUntilTaken(home)).ok, true);
    for (const socket of sockets) socket.destroy();
  });
});

test("only the owner may open the socket, and it goes with the server", async () => {
  const home = newHome();
  const server = await startControlServer(home, echo);
  assert.is(statSync(server.path).mode & 0o777, 0o600);
  assert.is(server.path, join(home, "control.sock"));
  await server.close();
  assert.not.ok(existsSync(server.path));
  rmSync(home, { recursive: true });
});

test("in a folder with a long name the socket has a short one, which is written down", async () => {
  const parent = newHome();
  const home = join(parent, "x".repeat(SOCKET_PATH_BYTES_MAX));
  mkdirSync(home);
  const server = await startControlServer(home, echo);
  assert.ok(server.path.length <= SOCKET_PATH_BYTES_MAX);
  assert.is(statSync(join(home, "control.path")).mode & 0o777, 0o600);
  assert.is((await askGateway(home, { a: 1 })).ok, true);
  await server.close();
  assert.not.ok(existsSync(join(home, "control.path")));
  assert.not.ok(existsSync(server.path));
  rmSync(parent, { recursive: true });
});

test("a socket that a killed gateway left is replaced, one that answers is not", async () => {
  const home = newHome();
  writeFileSync(join(home, "control.sock"), "");
  const server = await startControlServer(home, echo);
  const second = await startControlServer(home, echo).then(
    () => "started",
    (error: unknown) => (error instanceof Error && "code" in error ? error.code : ""),
  );
  assert.is(second, "CONTROL_IN_USE");
  assert.is((await askGateway(home, {})).ok, true);
  await server.close();
  rmSync(home, { recursive: true });
});

test("without a gateway the client says so; with something else there, too", async () => {
  const home = newHome();
  assert.is(await codeOf(askGateway(home, {})), "CONTROL_NOT_RUNNING");
  const stranger = createServer((socket) => socket.resume().end("hello\n")).listen(join(home, "control.sock"));
  assert.is(await codeOf(askGateway(home, {})), "CONTROL_BAD_ANSWER");
  await new Promise((resolve) => stranger.close(resolve));
  rmSync(home, { recursive: true });
});

test.run();

function echo(request: unknown): ControlAnswer {
  return { ok: true, request };
}

function newHome(): string {
  return mkdtempSync(join(tmpdir(), "control-test-"));
}

async function withServer(use: (server: ControlServer & { readonly home: string }) => Promise<void>): Promise<void> {
  const home = newHome();
  const server = await startControlServer(home, echo);
  try {
    await use({ ...server, home });
  } finally {
    await server.close();
    rmSync(home, { recursive: true });
  }
}

/**
 * Sends the pieces one after the other and returns the answers: `count` of them, or those until the other end closes.
 */
function talk(path: string, pieces: readonly string[], count: number): Promise<readonly string[]> {
  return new Promise((resolve) => {
    const socket = connect(path);
    let heard = "";
    const lines = (): readonly string[] => heard.split("\n").slice(0, -1);
    socket.on("data", (chunk: Buffer) => {
      heard += chunk.toString();
      if (lines().length >= count) socket.end();
    });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      resolve(lines());
    });
    for (const piece of pieces) socket.write(piece);
  });
}

function answerTo(socket: ReturnType<typeof connect>, line: string): Promise<void> {
  return new Promise((resolve) => {
    socket.once("data", () => {
      resolve();
    });
    socket.write(line);
  });
}

/** The server hears of a closed connection a moment after its client. */
async function askUntilTaken(home: string): Promise<ControlAnswer> {
  for (;;) {
    const answer = await askGateway(home, {});
    if (answer.ok || answer.code !== "CONTROL_BUSY") return answer;
  }
}

function codeOf(asked: Promise<ControlAnswer>): Promise<unknown> {
  return asked.then(
    () => "answered",
    (error: unknown) => (error instanceof Error && "code" in error ? error.code : ""),
  );
}
