/** Identities of a vehicle in real folders: made, certified one after the other, gone on to, and found by commands. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { loadKeyFile } from "#adapters/keys/key-file.ts";
import { toHex } from "#base/bytes.ts";
import { parseGatewayConfig, type VehicleConfig } from "#config/gateway-config.ts";
import { deviceIdOf } from "#core/identity/device-id.ts";
import { commands } from "#firmware/commands/commands.ts";
import { runCommandLine } from "#firmware/commands/command-line.ts";
import { gatewayPlaces, type GatewayPlaces } from "#firmware/gateway-places.ts";
import { inceptionOfKeys } from "#firmware/membership-files.ts";
import { placesInUse } from "#firmware/pseudonym-places.ts";
import { choosePseudonym } from "#firmware/pseudonym-turns.ts";
import { readGenesis } from "#firmware/read-genesis.ts";
import { openFlash } from "#hal/linux/flash.ts";
import { SystemRandomness } from "#hal/linux/system-randomness.ts";
import { recordIo } from "#test/builders/recorded-io.ts";

const DAY = 86_400;
const FROM = "2026-01-01T00:00Z";
const BEGAN = Date.parse(FROM) / 1000;
const crypto = new NodeCryptography();
const root = mkdtempSync(join(tmpdir(), "tallystick-pseudonyms-"));
const test = suite("pseudonyms, files");

async function run(words: string): Promise<{ code: number; out: readonly string[]; err: string }> {
  const io = recordIo({ cwd: root });
  const code = await runCommandLine(words.split(" "), commands, io);
  return { code, out: io.outLines, err: io.errLines.join("\n") };
}

async function good(words: string): Promise<readonly string[]> {
  const { code, out, err } = await run(words);
  assert.is(code, 0, `${words}: ${err}`);
  return out;
}

async function newCar(name: string, ca = ""): Promise<string> {
  await good(`init --role charger --folder ${name}/post${ca}`);
  await good(
    `init --role vehicle --folder ${name}/car --genesis ${name}/post/genesis.tally --broker mqtt://127.0.0.1:1`,
  );
  return join(root, name, "car");
}

function configOf(folder: string, lines = ""): VehicleConfig {
  const text = readFileSync(join(folder, "tallystick.toml"), "utf8").replace("[vehicle]\n", `[vehicle]\n${lines}`);
  const config = parseGatewayConfig(text);
  assert.ok(config.ok && config.value.role === "vehicle", JSON.stringify(config));
  return config.value;
}

interface Chosen {
  readonly places: GatewayPlaces;
  readonly told: readonly string[];
}

async function choose(folder: string, now: number | undefined, lines = ""): Promise<Chosen> {
  const config = configOf(folder, lines);
  const genesis = await readGenesis(crypto, gatewayPlaces(config, folder).genesis);
  const told: string[] = [];
  const { places } = await choosePseudonym(
    {
      ...{ config, home: folder, crypto, genesis, randomness: new SystemRandomness(), openFlash },
      emit: (name, event) => void told.push(`${name} ${JSON.stringify(event)}`),
    },
    now,
  );
  return { places, told };
}

async function didIn({ key }: Pick<GatewayPlaces, "key">): Promise<string> {
  return toHex(deviceIdOf(crypto, inceptionOfKeys(crypto, "vehicle", await loadKeyFile(key))));
}

test.before(async () => {
  await good("ca init --folder office");
});

test.after(() => {
  rmSync(root, { recursive: true });
});

test("where nobody certifies, the next one is made when the days are over, with places of its own", async () => {
  const folder = await newCar("open");
  const first = await choose(folder, BEGAN);
  assert.is(first.places.key, join(folder, "gateway.key"));
  assert.equal(
    readdirSync(join(folder, "flash/turns")).filter((name) => !name.startsWith(".")),
    [`turn-0001-${BEGAN}`],
  );
  assert.not.ok(existsSync(join(folder, "pseudonyms")));
  const second = await choose(folder, BEGAN + 90 * DAY);
  assert.is(second.places.key, join(folder, "pseudonyms/0002/gateway.key"));
  assert.is(second.places.genesis, first.places.genesis, "the region is the same");
  assert.is(second.places.state, first.places.state, "it is asked at the same place");
  assert.equal(readdirSync(second.places.flash).sort(), ["energy", "ledger", "promise"]);
  assert.is(statSync(second.places.key).mode & 0o777, 0o600);
  assert.not.equal(await didIn(second.places), await didIn(first.places));
  assert.equal((await placesInUse(configOf(folder), folder)).flash, second.places.flash);
  const third = await choose(folder, BEGAN + 180 * DAY);
  assert.is(third.places.key, join(folder, "pseudonyms/0003/gateway.key"));
});

test("keys that cannot be read are no identity, and keep nobody from going on", async () => {
  const folder = await newCar("damaged");
  await choose(folder, BEGAN);
  await good("key pseudonyms --count 2 --config damaged/car/tallystick.toml");
  writeFileSync(join(folder, "pseudonyms/0002/gateway.key"), "torn", { mode: 0o600 });
  assert.is((await choose(folder, BEGAN + 90 * DAY)).places.key, join(folder, "pseudonyms/0003/gateway.key"));
  const made = await good("key pseudonyms --count 1 --config damaged/car/tallystick.toml");
  assert.match(made[0] ?? "", /pseudonyms\/0004\/enrol\.tally: identity 4, device /);
});

test("what is no folder among those of the identities is passed by, and one without keys is used again", async () => {
  const folder = await newCar("strange");
  await choose(folder, BEGAN);
  mkdirSync(join(folder, "pseudonyms/0002"), { recursive: true });
  writeFileSync(join(folder, "pseudonyms/0007"), "a file");
  mkdirSync(join(folder, "pseudonyms/copy-of-0009"));
  const { places, told } = await choose(folder, BEGAN + 90 * DAY);
  assert.equal([places.key, told], [join(folder, "pseudonyms/0002/gateway.key"), []]);
});

test("the days are the owner's; without a word they are 90, and by the paper's rule for ever", async () => {
  const folder = await newCar("days");
  await choose(folder, BEGAN);
  const later = BEGAN + 30 * DAY;
  assert.match((await choose(folder, later)).places.key, /car\/gateway\.key$/);
  assert.match((await choose(folder, 9 * later, "pseudonym_days = 0\n")).places.key, /car\/gateway\.key$/);
  assert.match((await choose(folder, later, "pseudonym_days = 30\n")).places.key, /0002/);
  await good("init --role charger --folder paper/post --profile paper");
  await good("init --role vehicle --folder paper/car --genesis paper/post/genesis.tally --broker mqtt://127.0.0.1:1");
  const paper = join(root, "paper/car");
  assert.match((await choose(paper, BEGAN)).places.key, /car\/gateway\.key$/);
  assert.match((await choose(paper, BEGAN + 900 * DAY)).places.key, /car\/gateway\.key$/);
  assert.not.ok(existsSync(join(paper, "flash/turns")));
  for (const wrong of ["pseudonym_days = -1\n", "pseudonym_days = 1.5\n", 'pseudonym_days = "90"\n']) {
    const text = readFileSync(join(folder, "tallystick.toml"), "utf8").replace("[vehicle]\n", `[vehicle]\n${wrong}`);
    const read = parseGatewayConfig(text);
    assert.ok(!read.ok && read.fault.path === "vehicle.pseudonym_days", wrong);
  }
});

test("an office certifies one after the other, and the car takes each in its turn and none before", async () => {
  const folder = await newCar("fleet", " --ca office/ca.pub");
  const made = await good("key pseudonyms --count 2 --config fleet/car/tallystick.toml");
  assert.match(
    made.join("\n"),
    /0002\/enrol\.tally: identity 2.*\n.*0003\/enrol.*\nGive the enrol\.tally of each to the/,
  );
  await choose(folder, BEGAN);
  assert.match(
    (await choose(folder, BEGAN + 90 * DAY)).places.key,
    /car\/gateway\.key$/,
    "without certificates it stays",
  );
  await good("ca request --config fleet/car/tallystick.toml");
  const words = ["", "/pseudonyms/0002", "/pseudonyms/0003"].map((each) => `fleet/car${each}/enrol.tally`).join(" ");
  const issued = await good(`ca issue ${words} --folder office --every 90 --from ${FROM}`);
  assert.equal(
    issued.map((line) => /until (\S+)/.exec(line)?.[1]),
    ["2026-01-31", "2026-05-01", "2026-07-30"],
  );
  assert.match((await choose(folder, BEGAN + 89 * DAY)).places.key, /car\/gateway\.key$/);
  const list = async (): Promise<readonly string[]> => good("key pseudonyms --config fleet/car/tallystick.toml");
  assert.match(
    (await list()).join("\n"),
    /^ {3}1 .* in use until 2026-04-01.*\n {3}2 .* prepared {2}certificate 2026-04-/,
  );
  const second = await choose(folder, BEGAN + 95 * DAY);
  assert.match(second.places.key, /0002/);
  assert.match((await list()).join("\n"), /^ {3}1 .* left .*\n {3}2 .* in use until 2026-06-30/);
  assert.match((await choose(folder, BEGAN + 179 * DAY)).places.key, /0002/);
  assert.match((await choose(folder, BEGAN + 180 * DAY)).places.key, /0003/);
  assert.match((await choose(folder, BEGAN + 999 * DAY)).places.key, /0003/, "it goes on with the last one");
});

test("a certificate of the series is renewed for a while after its turn, and the last of it for good", async () => {
  const entries = readFileSync(join(root, "office/issued.log"), "utf8").trim().split("\n").length;
  await newCar("old", " --ca office/ca.pub");
  await good("key pseudonyms --count 1 --config old/car/tallystick.toml");
  await good("ca request --config old/car/tallystick.toml");
  const words = "old/car/enrol.tally old/car/pseudonyms/0002/enrol.tally";
  await good(`ca issue ${words} --folder office --every 90 --from 2025-01-01T00:00Z`);
  const all = (): readonly { readonly device: string; readonly turnEnds?: number }[] =>
    readFileSync(join(root, "office/issued.log"), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { readonly device: string; readonly turnEnds?: number });
  const [first, last] = all().slice(entries);
  assert.is(first?.turnEnds, Date.parse("2025-04-01T00:00Z") / 1000);
  assert.is(last?.turnEnds, undefined);
  const renewed = (await good("ca renew --folder office --out renewed --json")).map(
    (line) => (JSON.parse(line) as { readonly device: string }).device,
  );
  assert.ok(renewed.includes(last?.device ?? ""), "the last one");
  assert.not.ok(renewed.includes(first?.device ?? ""), "another has long followed on it");
  await good(`ca renew ${first?.device ?? ""} --folder office --out renewed`);
});

test("commands speak of the identity in use, and of another one by its flash", async () => {
  const folder = await newCar("spoken");
  await choose(folder, BEGAN);
  const { places } = await choose(folder, BEGAN + 90 * DAY);
  const asked = await good("ca request --config spoken/car/tallystick.toml --json");
  const request = JSON.parse(asked[0] ?? "") as { readonly did: string; readonly file: string };
  assert.equal([request.did, request.file], [await didIn(places), join(folder, "pseudonyms/0002/enrol.tally")]);
  const before = readFileSync(join(folder, "gateway.key"), "utf8");
  await good("key rotate --config spoken/car/tallystick.toml");
  assert.is(readFileSync(join(folder, "gateway.key"), "utf8"), before);
  assert.match(readFileSync(places.key, "utf8"), /^tallystick keys 2\n/);
  const wrong = await run("key pseudonyms --count 0 --config spoken/car/tallystick.toml");
  assert.is(wrong.code, 64);
  assert.match((await run("key pseudonyms --config spoken/post/tallystick.toml")).err, /only a vehicle has pseudonyms/);
  assert.is((await run("key pseudonyms --lost --config spoken/car/tallystick.toml")).code, 64);
});

test.run();
