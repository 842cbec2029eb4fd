/** `tariff check | explain`: what is wrong by its path, the tariff in words, a sample that adds up. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openTimeZone } from "#adapters/time-zone/intl-time-zone.ts";
import { CommandArguments } from "#firmware/commands/command.ts";
import { CommandError } from "#firmware/commands/command-error.ts";
import { instantOf, localTimeText, readLocalTime } from "#firmware/commands/tariff/local-time.ts";
import { runTariff } from "#firmware/commands/tariff/tariff.ts";
import { recordIo } from "#test/builders/recorded-io.ts";

const test = suite("tariff command");
const SHIPPED = fileURLToPath(new URL("../../../firmware/commands/tariff/night-and-parking.json", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "tallystick-tariff-"));

async function run(
  words: readonly string[],
  options: Readonly<Record<string, string | true>> = {},
): Promise<{ readonly code: number; readonly out: readonly string[]; readonly err: readonly string[] }> {
  const io = recordIo({ cwd: folder });
  const code = await runTariff(new CommandArguments(words, new Map(Object.entries(options))), io);
  return { code, out: io.outLines, err: io.errLines };
}

/** The shipped tariff with some keys changed, in a file. */
function changed(changes: Readonly<Record<string, unknown>>): string {
  const tariff = JSON.parse(readFileSync(SHIPPED, "utf8")) as Readonly<Record<string, unknown>>;
  writeFileSync(join(folder, "tariff.json"), JSON.stringify({ ...tariff, ...changes }));
  return "tariff.json";
}

const energy = (price: number, rest: object = {}): object => ({ type: "ENERGY", price, step_size: 1, ...rest });

test("the tariff that is shipped can be offered on each day of a year", async () => {
  assert.equal(await run(["check", SHIPPED]), {
    ...{ code: 0, out: ['Tariff "night-and-parking" can be offered.'], err: [] },
  });
});

test("it is told in words, and a sample of it adds up", async () => {
  const { code, out } = await run(["explain", SHIPPED], {
    at: "2026-01-15T21:00",
    energy: "22",
    power: "11",
    stay: "10.5",
  });
  assert.is(code, 0);
  const text = out.join("\n");
  for (const words of [
    "first    0.28 EUR a kWh plus 21 % tax, from 22:00 to 06:00 (Europe/Amsterdam)",
    "or else  0.42 EUR a kWh plus 21 % tax",
    "4.80 EUR an hour plus 21 % tax, in steps of 1 min",
    "until the plug is pulled",
    "22.000 kWh at 11 kW from 2026-01-15 21:00 (Europe/Amsterdam)",
  ]) {
    assert.ok(text.includes(words), words);
  }
  const amounts = out
    .flatMap((line) => /^ {2}(?:Fee|Energy|Standing).* €(\d+\.\d+)$/.exec(line)?.[1] ?? [])
    .map(Number);
  // 11 kWh by day, 11 by night, and ten and a half minutes billed as eleven.
  assert.equal(amounts, [0.5, 4.62, 3.08, 0.88]);
  assert.ok(text.includes("Net"), text);
  assert.match(out.at(-1) ?? "", /€10\.99$/);
});

test("what is wrong is told by its path, and the exit code says so", async () => {
  for (const [changes, words] of [
    [{ currency: "EURO" }, "currency"],
    [{ elements: [] }, "elements is empty"],
    [{ elements: [{ price_components: [energy(-1)] }] }, "elements[0].price_components[0].price"],
    [{ elements: [{ price_components: [energy(1)], restrictions: { max_curent: 1 } }] }, "max_curent"],
    [{ elements: [{ price_components: [energy(1)], restrictions: { max_current: 16 } }] }, "restricted by current"],
    [{ end_date_time: "2020-01-01T00:00:00Z" }, "end_date_time"],
  ] as const) {
    const { code, out, err } = await run(["check", changed(changes)]);
    assert.is(code, 65, words);
    assert.equal(out, []);
    assert.ok(err.length === 1 && err[0]?.includes(words), `${err.join("\n")}: ${words}`);
  }
});

test("a tariff by current needs the voltage", async () => {
  const file = changed({ elements: [{ price_components: [energy(1)], restrictions: { max_current: 16 } }] });
  assert.is((await run(["check", file], { voltage: "230" })).code, 0);
});

test("a file that is not there, and one that is not JSON, are told as such", async () => {
  assert.match((await run(["check", "none.json"])).err.join(), /none\.json: cannot be read: ENOENT/);
  writeFileSync(join(folder, "broken.json"), '{ "currency": ');
  assert.match((await run(["check", "broken.json"])).err.join(), /broken\.json: is not JSON/);
  writeFileSync(join(folder, "marked.json"), `\uFEFF${readFileSync(SHIPPED, "utf8")}`);
  assert.is((await run(["check", "marked.json"])).code, 0);
});

test("for programs it is JSON, and the exact amounts are text", async () => {
  const { out } = await run(["explain", SHIPPED], { at: "2026-01-15T21:00", json: true });
  const data = JSON.parse(out.join("")) as { sample: { lines: { withTax: string }[]; minorUnits: number } };
  assert.ok(data.sample.lines.length >= 3 && data.sample.lines.every(({ withTax }) => /^\d+$/.test(withTax)));
  const bad = JSON.parse((await run(["check", changed({ elements: [] })], { json: true })).out.join("")) as unknown;
  assert.equal((bad as { ok: boolean }).ok, false);
});

test("options that say nothing are refused before the file is read", async () => {
  for (const [words, options] of [
    [["explian", SHIPPED], {}],
    [["check"], {}],
    [["check", SHIPPED], { "time-zone": "Mars/Olympus" }],
    [["explain", SHIPPED], { at: "25:00" }],
    [["explain", SHIPPED], { at: "2026-02-30T10:00" }],
    [["explain", SHIPPED], { power: "0" }],
    [["explain", SHIPPED], { energy: "-3" }],
    [["explain", SHIPPED], { voltage: "1" }],
  ] as const) {
    try {
      await run(words, options);
      assert.unreachable(JSON.stringify([words, options]));
    } catch (error) {
      assert.ok(error instanceof CommandError, String(error));
    }
  }
});

test("a local time is the instant at which a clock there shows it, also on the days when clocks change", () => {
  const opened = openTimeZone("Europe/Amsterdam");
  assert.ok(opened.ok);
  const at = (text: string, notAfter = 0): number => {
    const local = readLocalTime(text);
    assert.ok(local !== undefined, text);
    return instantOf(local, opened.value, notAfter);
  };
  const utc = (text: string): number => Date.parse(text) / 1000;
  assert.is(at("2026-01-15T21:55"), utc("2026-01-15T20:55:00Z"));
  assert.is(at("2026-07-15T21:55:30"), utc("2026-07-15T19:55:30Z"));
  // Left out between 2 and 3, and twice between 2 and 3.
  assert.is(localTimeText(at("2026-03-29T02:30"), opened.value), "03:30");
  assert.is(at("2026-10-25T02:30"), utc("2026-10-25T00:30:00Z"));
  // Without a day: the last one that is over.
  assert.is(at("21:55", utc("2026-01-15T20:55:00Z")), utc("2026-01-15T20:55:00Z"));
  assert.is(at("21:55", utc("2026-01-15T20:54:59Z")), utc("2026-01-14T20:55:00Z"));
  for (const wrong of ["9", "24:00", "21:60", "2026-13-01T10:00", "tomorrow"])
    assert.is(readLocalTime(wrong), undefined);
});

test.after(() => {
  rmSync(folder, { recursive: true });
});

test.run();
