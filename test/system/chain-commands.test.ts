/** `verify`, `show` and `export` on a chain that is stored in a gateway's folder, and on what was exported from it. */
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openSafetyRegister, openSegmentLog } from "#adapters/flash-store/index.ts";
import { toHex } from "#base/bytes.ts";
import { runCommandLine } from "#firmware/commands/command-line.ts";
import { commands } from "#firmware/commands/commands.ts";
import { openFlash } from "#hal/linux/flash.ts";
import { SeededRandomness } from "#hal/mock/seeded-random.ts";
import { recordIo } from "#test/builders/recorded-io.ts";
import { sealCharge } from "#test/builders/sealed-charge.ts";
import { tallystick } from "#test/builders/tallystick-process.ts";

const home = mkdtempSync(join(tmpdir(), "chain-test-"));
const charge = sealCharge();
const address = toHex(charge.address);
const head = toHex(charge.chain.head.state.id);
const LEDGER = join("gateway", "flash", "ledger");
const SEGMENT = join(LEDGER, "segment-00000000");
const test = suite("commands on a chain");

test.before(async () => {
  mkdirSync(join(home, LEDGER), { recursive: true });
  const flash = await openFlash(join(home, LEDGER));
  const { log } = await openSegmentLog(flash, { randomness: new SeededRandomness("salt"), segmentBytes: 8192 });
  const { register } = await openSafetyRegister(flash);
  await register.write(Uint8Array.of(1));
  for (const record of charge.records) await log.append(record);
  await log.close();
  await register.close();
  await flash.close();
});
test.after(() => {
  rmSync(home, { recursive: true });
});

test("verify finds the chain in the gateway's folder, its flash and its ledger, and gives the head's id", async () => {
  for (const path of ["gateway", "gateway/flash", LEDGER]) {
    const { exitCode, out } = await call("verify", path, "--json");
    assert.is(exitCode, 0, out);
    const found = JSON.parse(out) as Record<string, unknown>;
    assert.is(found["ok"], true);
    assert.is(found["head"], head);
    assert.is(found["serial"], 3);
    assert.equal(found["charges"], { SETTLED: 1 });
  }
  const { out } = await call("verify", "gateway");
  assert.match(out, new RegExp(`head +block 3, ${head}`));
  assert.match(out, /records +3 blocks, 9 facts, of which 1 wait/);
});

test("verify says of a flipped bit on flash in which file and where, and ends with 1", async () => {
  const path = join(home, SEGMENT);
  const bytes = readFileSync(path);
  const copy = `${path}.copy`;
  copyFileSync(path, copy);
  bytes[700] = (bytes[700] ?? 0) ^ 0x10;
  writeFileSync(path, bytes);
  const { exitCode, out } = await call("verify", "gateway");
  const json = await tallystick(["verify", "gateway", "--json"], { cwd: home });
  copyFileSync(copy, path);
  rmSync(copy);
  assert.is(exitCode, 1);
  assert.match(
    out,
    /^gateway: verification FAILED\n {2}gateway\/flash\/ledger\/segment-00000000 at byte \d+, \d+ bytes: RECORD_DAMAGED/,
  );
  assert.is(json.exitCode, 1);
  const found = JSON.parse(json.out) as {
    ok: boolean;
    problems: readonly { rule: string; file: string; words: string }[];
  };
  assert.is(found.ok, false);
  assert.is(found.problems[0]?.file, SEGMENT);
  assert.match(found.problems[0]?.words ?? "", /are not what was written/);
});

test("verify of nothing of a gateway ends with 65", async () => {
  const nowhere = await call("verify", "nowhere");
  assert.is(nowhere.exitCode, 65);
  assert.match(nowhere.err, /nowhere: ENOENT/);
  mkdirSync(join(home, "empty"));
  const empty = await call("verify", "empty");
  assert.is(empty.exitCode, 65);
  assert.match(empty.err, /no chain is stored here; expected a gateway's folder/);
  writeFileSync(join(home, "letter.txt"), "Dear reader");
  const letter = await call("verify", "letter.txt");
  assert.is(letter.exitCode, 1);
  assert.match(letter.out, /FILE_UNKNOWN: The file begins like nothing that can be checked here/);
});

test("show chain and show block name blocks, miners, facts and results", async () => {
  const chain = await call("show", "chain", "--from", "gateway");
  assert.is(chain.exitCode, 0, chain.err);
  assert.match(chain.out, /^region test, network [0-9a-f]{16}, rules: hardened, since 2026-09-21 14:03:20Z\n/);
  assert.match(
    chain.out,
    /block 3 +[0-9a-f]{12} +2026-09-21 15:19:20Z +by A5CWMCMQYNJQ1 +4 facts +[0-9a-f]{12} SETTLED/,
  );
  const block = await call("show", "block", "2", "--from", "gateway");
  assert.match(block.out, /OPEN +[0-9a-f]{12} +AE2TN1H9VZW2V at A5CWMCMQYNJQ1 outlet 1/);
  assert.match(block.out, new RegExp(`REPORT +[0-9a-f]{12} +${address.slice(0, 12)} station 0`));
  const none = await call("show", "block", "4", "--from", "gateway");
  assert.is(none.exitCode, 64);
  assert.match(none.err, /found "4", expected a block from 1 to 3/);
  const data = JSON.parse((await call("show", "chain", "--json", "--from", "gateway")).out) as Record<string, unknown>;
  assert.is(data["head"], head);
});

test("show tx prints the receipt of an abbreviated address", async () => {
  const shown = await call("show", "tx", address.slice(0, 6).toUpperCase(), "--from", "gateway");
  assert.is(shown.exitCode, 0, shown.err);
  assert.match(shown.out, new RegExp(`^Charging receipt: .*\n(?:.*\n)*  Charge +${address}\n`));
  assert.match(shown.out, /Verdict +the two agree/);
  assert.match((await call("show", "tx", "ffff", "--from", "gateway")).err, /no charge at "ffff"/);
  assert.match((await call("show", "tx", "ff", "--from", "gateway")).err, /at least 4 hex digits/);
});

test("show nodes counts what each has settled; no history comes of it before it is final", async () => {
  const shown = await call("show", "nodes", "--from", "gateway");
  assert.match(
    shown.out,
    /A5CWMCMQYNJQ1 +station +1 settled, 0 disputed, 0 abandoned +history 0 with 0 +authority +station/,
  );
  assert.is((JSON.parse((await call("show", "nodes", "--json", "--from", "gateway")).out) as unknown[]).length, 2);
});

test("what is exported can be verified and shown without the gateway, and replaces no file", async () => {
  for (const [words, file] of [
    [["chain"], "c.tally"],
    [["receipt", address.slice(0, 8)], "r.tally"],
  ] as const) {
    const made = await call("export", ...words, "--from", "gateway", "--out", file);
    assert.is(made.exitCode, 0, made.err);
    assert.is((await call("verify", file)).exitCode, 0);
    const again = await call("export", ...words, "--from", "gateway", "--out", file);
    assert.is(again.exitCode, 73);
    assert.match(again.err, /the file is there already; nothing was changed/);
  }
  assert.is((JSON.parse((await call("verify", "c.tally", "--json")).out) as { head: string }).head, head);
  const receipt = await call("verify", "r.tally");
  assert.match(receipt.out, /the receipt holds/);
  assert.match(receipt.out, /To pay +€4\.20 for 12\.000 kWh/);
  assert.is((await call("show", "tx", address, "--from", "c.tally")).exitCode, 0);
  assert.match((await call("show", "chain", "--from", "r.tally")).err, /is a receipt: show it with tallystick verify/);
});

test("a chain that does not hold is neither shown nor exported", async () => {
  const bytes = readFileSync(join(home, "c.tally"));
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  writeFileSync(join(home, "broken.tally"), bytes);
  const shown = await call("show", "chain", "--from", "broken.tally");
  assert.is(shown.exitCode, 1);
  assert.match(shown.err, /the chain does not hold, see tallystick verify broken\.tally: broken\.tally, block 3/);
  assert.is((await call("export", "chain", "--from", "broken.tally", "--out", "x.tally")).exitCode, 1);
  assert.not.ok(existsSync(join(home, "x.tally")));
});

test("a misspelt word behind show or export is answered with what there is", async () => {
  assert.match((await call("show", "bloc", "1")).err, /found "bloc".*did you mean "block"/);
  assert.match((await call("export", "reciept", "1", "--out", "f")).err, /did you mean "receipt"/);
  assert.is((await call("show", "block")).exitCode, 64);
  assert.is((await call("show", "chain", "1")).exitCode, 64);
});

test.run();

async function call(...words: readonly string[]): Promise<{ exitCode: number; out: string; err: string }> {
  const io = recordIo({ cwd: home });
  const exitCode = await runCommandLine(words, commands, io);
  return { exitCode, out: io.outLines.join("\n"), err: io.errLines.join("\n") };
}
