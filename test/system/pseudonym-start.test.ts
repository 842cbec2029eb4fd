/** Vehicles whose days are over when they start: with an office, and killed at any moment of it. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { commands } from "#firmware/commands/commands.ts";
import { runCommandLine } from "#firmware/commands/command-line.ts";
import { turnName } from "#firmware/pseudonym-places.ts";
import { freePort } from "#test/builders/free-port.ts";
import { recordIo } from "#test/builders/recorded-io.ts";
import { TallystickProcess } from "#test/builders/tallystick-process.ts";

const DAY_SECONDS = 86_400;
const root = mkdtempSync(join(tmpdir(), "pseudonym-start-"));
const test = suite("pseudonyms, starts");

test.after(() => {
  rmSync(root, { recursive: true });
});

/** In this process, which starts none; only gateways are processes of their own here. */
async function good(words: string): Promise<string> {
  const io = recordIo({ cwd: root });
  const code = await runCommandLine(words.split(" "), commands, io);
  assert.is(code, 0, `${words}: ${io.errLines.join(" ")}`);
  return io.outLines.join("\n");
}

/**
 * A region in a folder: a charger with a broker of its own and no meter, and a car that speaks to it. Both take the
 * machine's date for right, as the bench does: whoever runs the tests may have no time server.
 */
async function newRegion(name: string, options = ""): Promise<void> {
  const port = await freePort();
  const post = `init --role charger --folder ${name}/post --meter-line 127.0.0.1:1 --broker-port ${port}`;
  const car = `init --role vehicle --folder ${name}/car --obd-line 127.0.0.1:1 --broker mqtt://127.0.0.1:${port}`;
  await good(post + options);
  await good(`${car} --genesis ${name}/post/genesis.tally`);
  const nowMs = Date.now();
  for (const each of ["post", "car"]) {
    const config = join(root, name, each, "tallystick.toml");
    const text = readFileSync(config, "utf8").replace("0.0.0.0", "127.0.0.1");
    writeFileSync(config, `${text}\n[bench]\nspeed = 1\nreal_epoch_ms = ${nowMs}\nworld_epoch_ms = ${nowMs}\n`);
  }
}

/** The car has gone by its first identity for so many days. */
function beginTurn(car: string, daysAgo: number): void {
  const turns = join(car, "flash/turns");
  mkdirSync(turns, { recursive: true });
  const since = Math.floor(Date.now() / 1000 - daysAgo * DAY_SECONDS);
  writeFileSync(join(turns, turnName({ number: 1, since })), new Uint8Array(1));
}

interface Listed {
  readonly number: number;
  readonly did: string;
  readonly state: string;
}

async function identitiesOf(car: string): Promise<readonly Listed[]> {
  const lines = (await good(`key pseudonyms --config ${car}/tallystick.toml --json`)).trim().split("\n");
  return lines.map((line) => JSON.parse(line) as Listed);
}

test("a car goes on with what its office has certified, and the region hears of that one alone", async () => {
  await good("ca init --folder office");
  await newRegion("certified", " --ca office/ca.pub");
  await good("key pseudonyms --count 1 --config certified/car/tallystick.toml");
  for (const each of ["post", "car"]) await good(`ca request --config certified/${each}/tallystick.toml`);
  await good("ca issue certified/post/enrol.tally --folder office");
  const from = new Date(Date.now() - 90 * DAY_SECONDS * 1000).toISOString().replace(/:\d\d\.\d+Z$/, "Z");
  const requests = "certified/car/enrol.tally certified/car/pseudonyms/0002/enrol.tally";
  await good(`ca issue ${requests} --every 90 --from ${from} --folder office`);
  beginTurn(join(root, "certified/car"), 91);
  const [first, second] = await identitiesOf("certified/car");
  assert.ok(first !== undefined && second !== undefined);
  const post = new TallystickProcess(["run", "--config", join(root, "certified/post/tallystick.toml"), "--json"]);
  await post.printed(/"meshConnected","up":true/);
  const car = new TallystickProcess(["run", "--config", join(root, "certified/car/tallystick.toml"), "--json"]);
  await car.printed(new RegExp(`"started","name":"vehicle","did":"${second.did}"`));
  await car.printed(/"certificateTaken"/);
  await post.printed(new RegExp(`"peerSeen","did":"${second.did}"`));
  assert.is((await car.stop()).exitCode, 0);
  const heard = (await post.stop()).out;
  assert.not.ok(heard.includes(first.did), "the one that was left has not been on the mesh");
  await good("verify certified/car");
});

/** How far it has got, as the files say, in the order in which they are made. */
const SIGNS: readonly ((car: string) => boolean)[] = [
  (car) => existsSync(join(car, "pseudonyms")),
  (car) => existsSync(join(car, "pseudonyms/0002/gateway.key")),
  (car) => existsSync(join(car, "flash/pseudonym-0002")),
  (car) => existsSync(join(car, "flash/pseudonym-0002/promise")),
  (car) => readdirSync(join(car, "flash/turns")).some((name) => name.includes("turn-0002")),
  (car) => readdirSync(join(car, "flash/turns")).some((name) => name.startsWith("turn-0002")),
  (car) => existsSync(join(car, "flash/pseudonym-0002/ledger/segment-00000000")),
];
const WAIT_MS_MAX = 30_000;

async function untilThere(isThere: () => boolean): Promise<void> {
  const untilMs = performance.now() + WAIT_MS_MAX;
  while (!isThere() && performance.now() < untilMs) await new Promise((resolve) => setTimeout(resolve, 1));
  assert.ok(isThere(), "it never came");
}

test("killed at any moment, it starts as the one or the other, whole, and goes on as the second", async () => {
  await newRegion("open");
  const seen = new Set<number>();
  for (const [round, sign] of SIGNS.entries()) {
    const car = join(root, `open/car-${round}`);
    cpSync(join(root, "open/car"), car, { recursive: true });
    beginTurn(car, 91);
    const killed = new TallystickProcess(["run", "--config", join(car, "tallystick.toml")]);
    await untilThere(() => sign(car));
    await killed.stop("SIGKILL");
    const inUse = (await identitiesOf(`open/car-${round}`)).find(({ state }) => state === "in use");
    assert.ok(inUse !== undefined && inUse.number <= 2, JSON.stringify(inUse));
    seen.add(inUse.number);
    if (inUse.number === 2) assert.ok(existsSync(join(car, "flash/pseudonym-0002/promise")), "with all its folders");
    const gateway = new TallystickProcess(["run", "--config", join(car, "tallystick.toml"), "--json"]);
    await gateway.printed(/"started"/);
    assert.is((await gateway.stop()).exitCode, 0);
    const [left, now, ...others] = await identitiesOf(`open/car-${round}`);
    assert.equal([left?.state, now?.state, others], ["left", "in use", []], `killed at sign ${round}`);
    assert.equal(readdirSync(join(car, "flash/turns")).filter((name) => name.startsWith("turn-")).length, 2);
    for (const flash of ["flash", "flash/pseudonym-0002"]) {
      await good(`verify open/car-${round}/${flash}`);
    }
  }
  assert.ok(seen.has(1) && seen.has(2), `killed before and after: ${[...seen].join(", ")}`);
});

test.run();
