/**
 * `tallystick board` as a program, and a gateway with a `[board]`: on lines in memory, and on a machine without any.
 */
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { BOARDS } from "#boards/index.ts";
import { runCommandLine } from "#firmware/commands/command-line.ts";
import { commands } from "#firmware/commands/commands.ts";
import { recordIo } from "#test/builders/recorded-io.ts";
import { tallystick, TallystickProcess, type Ended } from "#test/builders/tallystick-process.ts";

const root = mkdtempSync(join(tmpdir(), "board-test-"));
/** On a board the machine's own lines would be switched: nobody wants that from a test. */
const hasGpio = readdirSync("/dev").some((name) => name.startsWith("gpiochip"));
const test = suite("tallystick board");

test.after(() => {
  rmSync(root, { recursive: true });
});

/** The command without a process of its own: half a second less. */
async function board(...words: readonly string[]): Promise<Ended> {
  const io = recordIo();
  const exitCode = await runCommandLine(["board", ...words], commands, io);
  return { exitCode, out: io.outLines.join("\n"), err: io.errLines.join("\n") };
}

interface Finding {
  readonly outcome: string;
  readonly part: string;
  readonly text: string;
}

function findings(out: string): readonly Finding[] {
  return out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Finding);
}

test("list has each board with its role and how it is served", async () => {
  const { exitCode, out } = await board("list");
  assert.is(exitCode, 0);
  for (const { name, title } of BOARDS) assert.match(out, new RegExp(`^${name} .*${title.replace("+", "\\+")}`, "m"));
  assert.match(out, /^rpi5 +charger, vehicle +Debian package/m);
  const { out: lines } = await board("list", "--json");
  assert.is(lines.trim().split("\n").length, BOARDS.length);
});

test("show has pins, devices and notes with their certainty, and the header in letters", async () => {
  const { exitCode, out } = await board("show", "rpi4b");
  assert.is(exitCode, 0);
  assert.match(out, /contactor relay +pin 11 \(GPIO17\), active high, pull-down at power-up/);
  assert.match(out, /^ +contactor relay +GPIO17 11 \*o 12 GPIO18$/m);
  assert.match(out, /^ +known +: Debian's kernel/m);
  assert.match(out, /^ +to check : /m);
  assert.match(out, /\/dev\/ttyAMA0 +uart: pins 8 and 10/);
});

test("the board in memory passes the whole test: lamps, buttons, emergency stop, contactor", async () => {
  const { exitCode, out, err } = await tallystick(["board", "test", "bench", "--relay", "--yes", "--json"]);
  assert.is(exitCode, 0, out);
  assert.match(err, /board bench: all that was tried works/);
  const all = findings(out);
  const passed = all.filter(({ outcome }) => outcome === "ok").map(({ part }) => part);
  assert.equal(passed, [
    "lamps",
    "status lamp, green",
    "attention lamp, red",
    "stop button",
    "emergency stop",
    "contactor relay",
  ]);
  assert.is(all.filter(({ text }) => text.startsWith("look: ")).length, 10);
});

test("the contactor is switched only when it is said twice", async () => {
  const once = await board("test", "bench", "--relay");
  assert.is(once.exitCode, 64);
  assert.match(once.err, /closes the contactor .* what is plugged in gets power.* --relay --yes/);
  assert.is(once.out, "");
  const never = await board("test", "bench", "--yes");
  assert.is(never.exitCode, 64);
});

test("what nobody knows is refused with what there is", async () => {
  const misspelt = await board("show", "rpi4");
  assert.is(misspelt.exitCode, 64);
  assert.match(misspelt.err, /no such board: found "rpi4", .*did you mean "rpi4b"/);
  assert.match((await board("tset")).err, /did you mean "test"/);
  assert.match((await board("list", "--relay")).err, /board list does not take --relay/);
  assert.is((await board("show")).exitCode, 64);
});

test("a machine without GPIO says so with exit 69", async () => {
  if (hasGpio) {
    console.log("skipped: this machine has GPIO");
    return;
  }
  const named = await board("test", "rpi4b");
  assert.is(named.exitCode, 69, named.out);
  assert.match(named.out, /^FAILED +GPIO: there is no GPIO chip pinctrl-bcm2711/m);
  const unnamed = await tallystick(["board", "test"]);
  assert.is(unnamed.exitCode, 69);
  assert.match(unnamed.err, /none of the boards with GPIO/);
});

/** A copy of one gateway's folder, with a board. */
async function newCharger(name: string, ...lines: readonly string[]): Promise<string> {
  const template = join(root, "template");
  if (!existsSync(template)) {
    const io = recordIo({ cwd: root });
    const words = ["init", "--role", "charger", "--folder", template, "--meter-line", "127.0.0.1:1"];
    assert.is(await runCommandLine(words, commands, io), 0, io.errLines.join("\n"));
  }
  cpSync(template, join(root, name), { recursive: true });
  const config = join(root, name, "tallystick.toml");
  const text = readFileSync(config, "utf8").replace("0.0.0.0", "127.0.0.1").replace("port = 1883", "port = 0");
  writeFileSync(config, [text, "[board]", ...lines, ""].join("\n"));
  return config;
}

test("a gateway whose lamps cannot be used says so and trades", async () => {
  if (hasGpio) {
    console.log("skipped: this machine has GPIO");
    return;
  }
  const config = await newCharger("no-lamps", 'name = "rpi4b"');
  const gateway = new TallystickProcess(["run", "--config", config]);
  await gateway.printed(/lamps and stop button cannot be used: there is no GPIO chip pinctrl-bcm2711/);
  await gateway.printed(/gateway charger started/);
  await gateway.printed(/mesh connected/);
  const { exitCode } = await gateway.stop();
  assert.is(exitCode, 0);
});

test("a gateway with lamps in memory starts and stops without a word about them", async () => {
  const config = await newCharger("bench", 'name = "bench"', 'status_lamp = "GPIO5"');
  const gateway = new TallystickProcess(["run", "--config", config]);
  await gateway.printed(/mesh connected/);
  const { exitCode, out, err } = await gateway.stop();
  assert.is(exitCode, 0, err);
  assert.not.match(out, /cannot be used/);
});

test("a board's test takes the lines of a configuration", async () => {
  const config = await newCharger("moved", 'name = "bench"', 'status_lamp = "GPIO5"', 'stop_button = "off"');
  const { exitCode, out } = await board("test", "--config", config, "--json");
  const all = findings(out);
  assert.ok(all.some(({ part, text }) => part === "status lamp, green" && / line 5 /.test(text)));
  assert.not.ok(all.some(({ part }) => part === "stop button"));
  assert.is(exitCode, 0);
});

test("a line that does not exist is refused before anything starts", async () => {
  const config = await newCharger("no-line", 'name = "rpi4b"', 'stop_button = "GPIO99"');
  const { exitCode, err } = await tallystick(["run", "--config", config]);
  assert.is(exitCode, 78);
  assert.match(err, /board\.stop_button: found "GPIO99", expected off or one of GPIO2, /);
});

test.run();
