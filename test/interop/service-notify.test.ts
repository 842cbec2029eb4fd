/** Notices as systemd would get them: from a running gateway, to a socket that a program of others listens at. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { freePort } from "#test/builders/free-port.ts";
import { hasPython, NoticeBoard } from "#test/builders/notice-board.ts";
import { tallystick, TallystickProcess } from "#test/builders/tallystick-process.ts";

const HANGING_SERVICE = fileURLToPath(new URL("../builders/hanging-service.ts", import.meta.url));

const folder = mkdtempSync(join(tmpdir(), "notify-"));
const config = join(folder, "charger/tallystick.toml");
const test = suite("notices to the supervisor");

test.before(async () => {
  const meter = ["--meter-line", "127.0.0.1:1"];
  const made = await tallystick(["init", "--role", "charger", "--folder", join(folder, "charger"), ...meter]);
  if (made.exitCode !== 0) throw new Error(made.err);
  const text = readFileSync(config, "utf8").replace("0.0.0.0", "127.0.0.1");
  writeFileSync(config, text.replace("1883", String(await freePort())));
});
test.after(() => {
  rmSync(folder, { recursive: true });
});

for (const [kind, address] of [
  ["a path", join(folder, "notify")],
  ["a name of the abstract space", `@tallystick-test-${process.pid}`],
] as const) {
  test(`a gateway tells that it is ready, alive and stopping, itself, at ${kind}; a silent meter changes nothing`, async () => {
    if (!hasPython) {
      console.log("skipped: no /usr/bin/python3");
      return;
    }
    const board = new NoticeBoard(address);
    let gateway: TallystickProcess | undefined;
    try {
      await board.listening();
      const env = { NOTIFY_SOCKET: address, WATCHDOG_USEC: "1600000" };
      gateway = new TallystickProcess(["run", "--config", config], { env });
      await board.told(/^READY=1$/m);
      await board.told(/^STATUS=block 0, .*meter: METER_UNREACHABLE$/m);
      const soFar = board.notices.filter(({ text }) => text.includes("WATCHDOG=1")).length;
      const alive = (await board.told(/^WATCHDOG=1$/m, soFar + 4)).filter(({ text }) => text.includes("WATCHDOG=1"));
      const gaps = alive.slice(1).map(({ at }, index) => at - (alive[index]?.at ?? at));
      const typical = [...gaps].sort((one, other) => one - other)[Math.floor(gaps.length / 2)] ?? 0;
      assert.ok(typical > 0.7 && typical < 1.3, `a sign of life each 0.8 s, found ${gaps.join(", ")}`);
      assert.is((await gateway.stop()).exitCode, 0);
      const notices = await board.told(/^STOPPING=1$/m);
      assert.match(notices.at(-1)?.text ?? "", /^STOPPING=1$/m, "nothing is told after it");
      assert.ok(
        notices.every(({ pid }) => pid === gateway?.pid),
        "no other process tells",
      );
    } finally {
      await gateway?.stop("SIGKILL");
      board.close();
    }
  });
}

test("a loop that hangs gives no sign of life any more", async () => {
  if (!hasPython) {
    console.log("skipped: no /usr/bin/python3");
    return;
  }
  const address = join(folder, "hanging");
  const board = new NoticeBoard(address);
  await board.listening();
  const env = { ...process.env, NOTIFY_SOCKET: address, WATCHDOG_USEC: "200000" };
  const service = spawn(process.execPath, [HANGING_SERVICE, "3"], { env, stdio: "inherit" });
  try {
    await board.told(/^WATCHDOG=1$/m, 3);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    assert.is(board.notices.filter(({ text }) => text.includes("WATCHDOG=1")).length, 3);
    assert.is(service.exitCode, null, "it is there, and turns");
  } finally {
    service.kill("SIGKILL");
    board.close();
  }
});

test("a supervisor that is not there is said once, and the gateway runs", async () => {
  const env = { NOTIFY_SOCKET: join(folder, "nobody"), WATCHDOG_USEC: "100000" };
  const gateway = new TallystickProcess(["run", "--config", config], { env });
  await gateway.printed(/cannot be told how it goes: SUPERVISOR_UNREACHABLE \(error 2\)/);
  await gateway.printed(/meter does not answer/);
  const { exitCode, err } = await gateway.stop();
  assert.is(exitCode, 0);
  assert.is(err.trimEnd().split("\n").length, 1, err);
});

test.run();
