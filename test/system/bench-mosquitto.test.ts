/** Over somebody else's broker, which is gone for a while in mid-charge. */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { assertOneTrueChain, benchRun, isInstalled, onlyCharge } from "#test/builders/bench-run.ts";
import { freePort } from "#test/builders/free-port.ts";
import { isListening } from "#test/builders/is-listening.ts";

const test = suite("bench over mosquitto");

const MOSQUITTO = "mosquitto";
const BROKER_GONE_MS = 60_000;

if (isInstalled(MOSQUITTO)) {
  test("over mosquitto the charge ends the same way, though the broker is gone for a minute of it", async () => {
    const folder = mkdtempSync(join(tmpdir(), "tallystick-mosquitto-"));
    const port = await freePort();
    let broker = await startMosquitto(folder, port);
    try {
      const run = await benchRun(
        { broker: `mqtt://127.0.0.1:${port}`, minutes: 12 },
        {
          whileCharging: async ({ sleep }) => {
            // Over the time of the second reports, so that they are signed while nobody can hear them.
            await sleep(330_000);
            await stop(broker);
            await sleep(BROKER_GONE_MS);
            broker = await startMosquitto(folder, port);
          },
        },
      );
      assertOneTrueChain(run);
      assert.equal(run.report.problems, []);
      const { outcome, receipt } = onlyCharge(run);
      assert.is(outcome, "agreed");
      const lost = run.news.filter(({ name, event }) => name === "meshConnected" && "up" in event && !event.up);
      assert.is(lost.length, 2, "both gateways noticed that the broker was gone");
      for (const role of ["station", "vehicle"] as const) {
        const reports = run.news.filter(
          ({ name, event }) => name === "reportSigned" && "role" in event && event.role === role,
        );
        assert.ok(reports.length >= 3);
        assert.is(receipt?.transaction.completes[role]?.reports, reports.length, `every report of the ${role} arrived`);
      }
    } finally {
      await stop(broker);
      rmSync(folder, { recursive: true, force: true });
    }
  });
} else {
  test.skip("needs mosquitto: apt-get install mosquitto");
}

async function startMosquitto(folder: string, port: number): Promise<ChildProcess> {
  const config = join(folder, "mosquitto.conf");
  writeFileSync(config, `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\n`);
  const path = `${process.env["PATH"] ?? ""}:/usr/sbin`;
  const broker = spawn(MOSQUITTO, ["-c", config], { stdio: "ignore", env: { ...process.env, PATH: path } });
  for (let attempt = 0; !(await isListening(port)); attempt += 1) {
    if (attempt > 400) throw new Error("mosquitto does not listen");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return broker;
}

async function stop(broker: ChildProcess): Promise<void> {
  if (broker.exitCode !== null || broker.signalCode !== null) return;
  const ended = new Promise((resolve) => broker.once("exit", resolve));
  broker.kill("SIGKILL");
  await ended;
}

test.run();
