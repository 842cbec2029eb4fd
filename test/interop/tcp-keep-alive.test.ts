/** Whether the kernel really asks a TCP peer that says nothing any more: seen in its own table of connections. */
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { TcpLink } from "#hal/linux/tcp-link.ts";

const TABLE = "/proc/net/tcp";
/** Documentation/networking/proc_net_tcp: the timer that is running, and when it ends in hundredths of a second. */
const KEEP_ALIVE_TIMER = "02";

const test = suite("TCP keep-alive");

test("a connection that is idle has the keep-alive timer running, for ten seconds", async () => {
  if (!existsSync(TABLE)) {
    console.log(`skipped: this system has no ${TABLE}`);
    return;
  }
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const link = new TcpLink({ host: "127.0.0.1", port });
  assert.ok((await link.open({ onData: () => undefined, onClose: () => undefined })).ok);
  const [timer = "", endsIn = ""] = timerOf(port).split(":");
  await link.close();
  await new Promise((resolve) => server.close(resolve));
  assert.is(timer, KEEP_ALIVE_TIMER);
  assert.ok(Number.parseInt(endsIn, 16) <= 1000, `${endsIn} hundredths`);
});

/** The timer column of the connection to that port. */
function timerOf(port: number): string {
  const remote = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const row = readFileSync(TABLE, "utf8")
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .find((columns) => columns[2]?.endsWith(remote) && columns[3] === "01");
  return row?.[5] ?? "";
}

test.run();
