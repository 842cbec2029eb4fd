/** `health` of a running charger that has no meter, and of none at all. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { freePort } from "#test/builders/free-port.ts";
import { tallystick, TallystickProcess } from "#test/builders/tallystick-process.ts";

const folder = mkdtempSync(join(tmpdir(), "health-test-"));
const config = join(folder, "tallystick.toml");
const test = suite("tallystick health");
test.before(async () => {
  const port = String(await freePort());
  const words = ["--role", "charger", "--folder", folder, "--meter-line", "127.0.0.1:1", "--broker-port", port];
  const made = await tallystick(["init", ...words]);
  if (made.exitCode !== 0) throw new Error(made.err);
  writeFileSync(config, readFileSync(config, "utf8").replace("0.0.0.0", "127.0.0.1"));
});
test.after(() => {
  rmSync(folder, { recursive: true });
});

test("without a gateway it says so and that waiting may help", async () => {
  const asked = await tallystick(["health", "--config", config]);
  assert.is(asked.exitCode, 75);
  assert.match(asked.out, /no gateway is running/);
});

test("it waits for a gateway that starts, and then only for the parts that are asked for", async () => {
  const waiting = tallystick(["health", "--config", config, "--wait", "30", "--parts", "store,ledger,broker"]);
  const gateway = new TallystickProcess(["run", "--config", config]);
  const found = await waiting;
  const all = await tallystick(["health", "--config", config, "--json"]);
  const status = await statusWith('"trouble":"METER_UNREACHABLE"');
  const ended = await gateway.stop();
  assert.is(found.exitCode, 0, found.out + found.err);
  assert.match(found.out, /in order\n {2}meter +waiting .*\n {2}store +healthy/);
  assert.is(all.exitCode, 75);
  assert.match(all.out, /"state":"waiting",.*"healthy":\["store","ledger","broker"\]/);
  assert.match(status, /"meter":\{"ageMs":null,"quality":null,"trouble":"METER_UNREACHABLE"\}/);
  assert.is(ended.exitCode, 0, ended.err);
});

test("a part that there is not is refused", async () => {
  const asked = await tallystick(["health", "--config", config, "--parts", "store,metre"]);
  assert.is(asked.exitCode, 64);
  assert.match(asked.err, /found "metre", expected one of .*did you mean "meter"/);
});

test.run();

/** A gateway that has just started may not have asked its meter yet. */
async function statusWith(text: string): Promise<string> {
  for (let asked = 1; ; asked += 1) {
    const { out } = await tallystick(["status", "--config", config, "--json"]);
    if (out.includes(text) || asked === 20) return out;
  }
}
