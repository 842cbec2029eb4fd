/** `ca`, `key rotate` and a certified region, from files to files. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync, appendFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { loadKeyFile } from "#adapters/keys/key-file.ts";
import { decodeCertificate } from "#core/identity/certificate.ts";
import { decodeJoin, openRegion } from "#core/identity/join.ts";
import { decodeGenesis } from "#core/ledger/genesis.ts";
import { readTally } from "#firmware/commands/ca/tally-file.ts";
import { commands } from "#firmware/commands/commands.ts";
import { runCommandLine } from "#firmware/commands/command-line.ts";
import { recordIo } from "#test/builders/recorded-io.ts";

const home = mkdtempSync(join(tmpdir(), "tallystick-ca-"));
const crypto = new NodeCryptography();
const test = suite("ca");

async function run(words: string): Promise<{ code: number; out: string; err: string }> {
  const io = recordIo({ cwd: home });
  const code = await runCommandLine(words.split(" "), commands, io);
  return { code, out: io.outLines.join("\n"), err: io.errLines.join("\n") };
}

async function good(words: string): Promise<string> {
  const { code, out, err } = await run(words);
  assert.is(code, 0, err);
  return out;
}

const text = (name: string): string => readFileSync(join(home, name), "utf8");

test.before(async () => {
  await good("ca init --folder office");
  await good("init --role charger --folder charger --ca office/ca.pub --organisation north");
  await good("init --role vehicle --folder car --genesis charger/genesis.tally --broker mqtt://127.0.0.1:1");
  for (const device of ["charger", "car"]) await good(`ca request --config ${device}/tallystick.toml`);
});

test.after(() => {
  rmSync(home, { recursive: true });
});

test("the office's key is its owner's alone, and no second office is made over it", async () => {
  assert.is(statSync(join(home, "office/ca.key")).mode & 0o777, 0o600);
  assert.is(statSync(join(home, "office")).mode & 0o777, 0o700);
  assert.is((await run("ca init --folder office")).code, 73);
});

test("a batch of requests becomes certificates that hold in the region, each beside its request", async () => {
  await good("ca issue charger/enrol.tally car/enrol.tally --folder office --days 5 --mpe 20000 --point mains");
  const genesis = decodeGenesis(crypto, new Uint8Array(readFileSync(join(home, "charger/genesis.tally"))));
  assert.ok(genesis.ok && genesis.value.body.version === 2);
  const vouching = { network: genesis.value.network, authorities: genesis.value.body.membership?.enrolmentKeys ?? [] };
  for (const [device, role] of [
    ["charger", "station"],
    ["car", "vehicle"],
  ]) {
    const envelope = await readTally(join(home, `${device ?? ""}/certificate.tally`), "CERT");
    const read = decodeCertificate(envelope, crypto, vouching);
    assert.ok(read.ok && read.value.role === role && read.value.notAfter - read.value.notBefore === 5 * 86_400);
    assert.equal(read.value.meter, [20_000, "mains"]);
  }
});

test("a batch with one bad request issues nothing", async () => {
  const before = text("office/issued.log");
  writeFileSync(join(home, "bad.tally"), readFileSync(join(home, "car/enrol.tally")).with(100, 0));
  const { code, err } = await run("ca issue charger/enrol.tally bad.tally --folder office");
  assert.is(code, 65, err);
  assert.is(text("office/issued.log"), before);
});

test("wrong rights, days and half a meter are refused by name", async () => {
  for (const wrong of ["--caps vote,fly", "--caps arbiter", "--days 31", "--mpe 5", "--reason stolen"]) {
    assert.is((await run(`ca issue car/enrol.tally --folder office ${wrong}`)).code, 64, wrong);
  }
});

test("renewal writes from the list, and a revoked device is left out of everything", async () => {
  const renewed = await good("ca renew --folder office --within 30 --out new/renewed --json");
  const files = renewed.split("\n").map((line) => JSON.parse(line) as { file: string; device: string });
  assert.is(files.length, 2);
  for (const { file } of files) {
    const told = await readTally(file.replace("certificate.tally", "renewal.tally"), "JOIN");
    const genesis = decodeGenesis(crypto, new Uint8Array(readFileSync(join(home, "charger/genesis.tally"))));
    assert.ok(genesis.ok);
    const { network, body } = genesis.value;
    const authorities = body.membership?.enrolmentKeys ?? [];
    const read = decodeJoin(told, crypto, { ...openRegion(network), authorities, admitsUncertified: false });
    assert.is(read.ok && read.value.by, "authority");
  }
  const car = files[1]?.device ?? "";
  assert.match(await good(`ca revoke ${car} --folder office --reason stolen --out out.tally`), /is out from/);
  await readTally(join(home, "out.tally"), "REVOKE");
  assert.is((await good("ca renew --folder office --within 60 --out . --json")).split("\n").length, 1);
  assert.is((await run("ca issue car/enrol.tally --folder office")).code, 64);
});

test("a line of the list that was changed is named; a torn last line is cut off", async () => {
  const whole = text("office/issued.log");
  const lines = whole.trimEnd().split("\n").length;
  appendFileSync(join(home, "office/issued.log"), '{"previous":"');
  assert.match(await good("ca list --folder office"), new RegExp(`${lines} lines`));
  await good("ca issue charger/enrol.tally --folder office");
  assert.match(await good("ca list --folder office"), new RegExp(`${lines + 1} lines`));
  writeFileSync(
    join(home, "office/issued.log"),
    whole.replace('"days', "").replace('"kind":"certificate"', '"kind":"revocation"'),
  );
  const { code, err } = await run("ca list --folder office");
  assert.is(code, 65);
  assert.match(err, /line 2 was changed/);
  writeFileSync(join(home, "office/issued.log"), whole);
});

test("under a passphrase the key is of no use without it", async () => {
  writeFileSync(join(home, "phrase"), "correct horse\n");
  writeFileSync(join(home, "other"), "wrong horse\n");
  await good("ca init --folder sealed --passphrase-file phrase");
  assert.not.match(text("sealed/ca.key"), /plain/);
  assert.is((await run("ca issue charger/enrol.tally --folder sealed")).code, 77);
  assert.is((await run("ca issue charger/enrol.tally --folder sealed --passphrase-file other")).code, 77);
  await good("ca issue charger/enrol.tally --folder sealed --passphrase-file phrase --out .");
});

test("key rotate replaces the key file, keeps the device, and not twice before a block holds the first", async () => {
  const before = await loadKeyFile(join(home, "car/gateway.key"));
  assert.match(await good("key rotate --config car/tallystick.toml"), /key 1 of/);
  const after = await loadKeyFile(join(home, "car/gateway.key"));
  assert.equal(after.signing.reveal(), before.next.reveal());
  assert.equal(after.rotated?.before.reveal(), before.signing.reveal());
  assert.is(statSync(join(home, "car/gateway.key")).mode & 0o777, 0o600);
  assert.is.not((await run("key rotate --config car/tallystick.toml")).code, 0);
  assert.equal((await loadKeyFile(join(home, "car/gateway.key"))).rotated?.number, 1);
  assert.is((await run("ca request --config car/tallystick.toml")).code, 64);
});

test("a lost key: the office countersigns what the device's new key has signed, and nothing else", async () => {
  await good("key rotate --lost --config charger/tallystick.toml");
  const zeros = (await readTally(join(home, "charger/rotation.tally"), "ROTATE")).join(",");
  assert.match(await good("ca recover charger/rotation.tally --folder office"), /key 1 of .* is countersigned/);
  assert.is.not((await readTally(join(home, "charger/rotation.tally"), "ROTATE")).join(","), zeros);
  assert.is((await run("ca recover car/enrol.tally --folder office")).code, 65);
});

test("a vehicle joins a region as it is: --ca is the region's", async () => {
  const words = "init --role vehicle --folder other --genesis charger/genesis.tally --broker mqtt://127.0.0.1:1";
  assert.is((await run(`${words} --ca office/ca.pub`)).code, 64);
});

test.run();
