/** What a card says that is wrong, in words that its owner can act by: all of it at once, with line and example. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { CardFault } from "#firmware/commands/first-boot/card-fault.ts";
import { decodeCardText } from "#firmware/commands/first-boot/decode-card-text.ts";
import { realDisk } from "#firmware/commands/first-boot/disk.ts";
import { findCardFile } from "#firmware/commands/first-boot/find-card-file.ts";
import { judgeCard } from "#firmware/commands/first-boot/judge-card.ts";
import { keyLines } from "#firmware/commands/first-boot/key-lines.ts";
import { badReport } from "#firmware/commands/first-boot/report-text.ts";

const test = suite("faults of a card");

const PLACES = { card: "/nowhere/card", state: "/nowhere/state", files: "/nowhere/state/card" };
const judge = (text: string): ReturnType<typeof judgeCard> =>
  judgeCard(text, PLACES, { disk: realDisk, nowSeconds: 1_795_392_000 });

async function faultsOf(text: string): Promise<readonly CardFault[]> {
  const judged = await judge(text);
  return judged.ok ? [] : judged.fault.faults;
}

/** The one fault of a card. */
async function check(text: string, expected: Partial<CardFault> & { readonly has?: RegExp }): Promise<void> {
  const faults = await faultsOf(text);
  assert.is(faults.length, 1, JSON.stringify(faults));
  const { has, ...exact } = expected;
  const [fault] = faults;
  for (const [key, value] of Object.entries(exact)) assert.equal(fault?.[key as keyof CardFault], value, key);
  if (has !== undefined) assert.match(JSON.stringify(fault), has);
}

const CHARGER = 'role = "charger"\n';

test("a card with one word is a charger with all that is usual", async () => {
  const judged = await judge(CHARGER);
  assert.ok(judged.ok);
  assert.is(judged.value.config.name, "charger");
  assert.is(judged.value.config.role === "charger" && judged.value.config.meter.model, "eastron-sdm630");
});

test("what editors and phones do to a line is told with the line put right", async () => {
  const cases: readonly (readonly [string, string, string | undefined])[] = [
    ["name = “post-1”", "typographic", 'name = "post-1"'],
    ["name = ‘post-1’", "typographic", 'name = "post-1"'],
    ["name = „post-1“", "typographic", 'name = "post-1"'],
    ["name = post-1", "quotes around text", 'name = "post-1"'],
    ['name: "post-1"', "= between", 'name = "post-1"'],
    ['name = "post-1', "quote at the end", 'name = "post-1"'],
    ["name =", "a value behind", undefined],
    ['name\u00a0= "post-1"', "invisible", 'name = "post-1"'],
    ["[tariff", "] at the end", "[tariff]"],
    ["[charger]\npower_max_w = 11000 W", "the number alone", "power_max_w = 11000"],
    ["[meter]\nunit = 01", "without a zero", "unit = 1"],
    ["[charge_point]\nguard = True", "small letters", undefined],
    ["hello world", "key = value", undefined],
  ];
  for (const [line, expected, example] of cases) {
    const number = line.includes("\n") ? 3 : 2;
    await check(`${CHARGER}${line}\n`, { line: number, has: new RegExp(expected) });
    const [fault] = await faultsOf(`${CHARGER}${line}\n`);
    assert.is(fault?.example, example, line);
  }
});

test("all faults are told at once, in the order of the lines, and none that only follows from another", async () => {
  const text = [
    "role = “charger”",
    'nmae = "x"',
    "[meter]",
    'model = "eastron-sdm603"',
    "unit = 300",
    "[tariff]",
    "price_per_kwh = 0.35",
    'file = "gone.json"',
    "[network]",
    'hostname = "my post"',
    'address = "10.0.0.256/24"',
    "[charger]",
    "power_max_w = 3,5",
  ];
  const faults = await faultsOf(text.join("\n"));
  const told = faults.map(({ path, line }) => `${line ?? "-"} ${path}`);
  assert.equal(told, [
    "1 role",
    "2 nmae",
    "4 meter.model",
    "5 meter.unit",
    "7 tariff.price_per_kwh",
    "10 network.hostname",
    "11 network.address",
    "13 charger.power_max_w",
  ]);
  assert.is(faults[2]?.example, 'model = "eastron-sdm630"');
  assert.is(faults[4]?.example, 'price_per_kwh = "0.35"');
  assert.match(faults[1]?.advice ?? "", /name is meant/);
});

test("a line of the wrong form is also told what is expected of its value", async () => {
  await check(`${CHARGER}name = my post\n`, {
    path: "name",
    example: 'name = "charger-1"',
    has: /quotes around text; and 1 to 32 letters/,
  });
});

test("a key twice is told at the second place, and the first counts", async () => {
  await check(`${CHARGER}[meter]\nunit = 3\nunit = 4\n`, { line: 4, path: "meter.unit", has: /once/ });
});

test("what displaces a default displaces it whole", async () => {
  const cards = [
    '[meter]\nhost = "10.0.0.5"\ntcp_port = 502\n',
    '[charge_point]\ndriver = "gpio-contactor"\n[board]\nname = "rpi4b"\n',
    '[tariff]\nbands = [{ from_minute = 0, price_per_kwh = "0.30" }]\n',
    '[broker]\nurl = "mqtt://10.0.0.1"\n',
    '[meter]\nmodel = "sml-generic"\n',
  ];
  for (const card of cards) assert.equal(await faultsOf(CHARGER + card), [], card);
});

test("the charge point is on the meter's line unless it has its own, or the meter needs its line for itself", async () => {
  const pathOf = async (card: string): Promise<string> => {
    const judged = await judge(CHARGER + card);
    if (!judged.ok || judged.value.config.role !== "charger") throw new Error("no charger");
    const { chargePoint } = judged.value.config;
    return chargePoint.kind === "bus" && chargePoint.line.kind === "serial" ? chargePoint.line.path : "none";
  };
  assert.is(await pathOf('[meter]\nserial = "/dev/ttyAMA0"\n'), "/dev/ttyAMA0");
  assert.is(
    await pathOf('[meter]\nserial = "/dev/ttyAMA0"\n[charge_point]\nserial = "/dev/ttyUSB3"\n'),
    "/dev/ttyUSB3",
  );
  assert.is(await pathOf('[meter]\nmodel = "sml-generic"\n'), "/dev/ttyUSB1");
});

test("two devices of one line with the same number are told", async () => {
  await check(`${CHARGER}[meter]\nunit = 2\n`, { path: "charge_point.unit", has: /another number/ });
  assert.equal(await faultsOf(`${CHARGER}[meter]\nunit = 2\n[charge_point]\nunit = 1\n`), []);
});

test("where things are stored is no key of a card", async () => {
  for (const line of [
    'state = "/tmp"',
    'key = "/tmp/k"',
    'flash = "x"',
    '[region]\ngenesis = "y"',
    "[bench]\nspeed = 2",
  ]) {
    await check(`${CHARGER}${line}\n`, { has: /nothing: / });
  }
});

test("a file that is named is a plain name on the card, and leads nowhere else", async () => {
  for (const name of ["/etc/shadow", "../state/gateway.key", "a/b.json", ".hidden", "gone.json", ""]) {
    const card = `${CHARGER}[tariff]\nfile = ${JSON.stringify(name)}\ntime_zone = "Europe/Paris"\n`;
    await check(card, { path: "tariff.file" });
  }
});

test("names that no table has a place for change nothing", async () => {
  for (const key of ["__proto__", "constructor", "toString"]) {
    const faults = await faultsOf(`${CHARGER}${key} = 1\n[${key === "__proto__" ? "x" : "meter"}]\n${key} = 1\n`);
    assert.ok(faults.length > 0, key);
  }
  assert.is(({} as Readonly<Record<string, unknown>>)["1"], undefined);
});

test("a Wi-Fi password stands in no fault, whatever is wrong with its line", async () => {
  for (const line of [
    'wifi_password = "geheim"',
    "wifi_password = “geheim-geheim”",
    'wifi_password: "geheim-geheim"',
  ]) {
    const faults = await faultsOf(`${CHARGER}[network]\nwifi_ssid = "x"\n${line}\n`);
    assert.ok(faults.length > 0);
    assert.not.match(badReport(faults), /geheim/);
  }
});

test("any encoding that an editor writes is read, and what is no text is told", () => {
  const utf16 = (text: string): Uint8Array => Buffer.from(`\ufeff${text}`, "utf16le");
  const big = (text: string): Uint8Array => Buffer.from(utf16(text)).swap16();
  for (const bytes of [Buffer.from("\ufeffa = 1\r\n"), utf16("a = 1\r\n"), big("a = 1\r"), Buffer.from("a = 1\n")]) {
    const text = decodeCardText(bytes, "x");
    assert.is(text.ok && text.value.trim(), "a = 1");
    assert.not.ok(text.ok && text.value.includes("\r"));
  }
  const bad = ["", "\r\n", "\0\0\0\0", "{\\rtf1", "x".repeat(300_000)].map((text) => Buffer.from(text));
  for (const bytes of [...bad, Uint8Array.of(0x61, 0xe4, 0x62)]) assert.not.ok(decodeCardText(bytes, "x").ok);
});

test("a renamed file is recognised, and the right one is read beside it", () => {
  for (const name of [
    "tallystick.toml.txt",
    "Tallystick.TOML.txt",
    "tallystick.txt",
    "tallystick (1).toml",
    "tallystick",
  ]) {
    const found = findCardFile(["README.txt", name]);
    assert.ok(!found.ok && /Rename|rename/.test(found.fault.advice ?? ""), name);
  }
  assert.equal(findCardFile(["TALLYSTI.TOM", "README.txt"]), { ok: true, value: { name: undefined, ignored: [] } });
  assert.equal(findCardFile(["TALLYSTICK.TOML"]), { ok: true, value: { name: "TALLYSTICK.TOML", ignored: [] } });
  const both = findCardFile(["tallystick.toml.txt", "tallystick.toml"]);
  assert.equal(both, { ok: true, value: { name: "tallystick.toml", ignored: ["tallystick.toml.txt"] } });
});

test("lines of keys are found in tables, dotted and quoted, and not inside of texts", () => {
  const lines = keyLines('a = 1\n[b.c]\n"d" = """\ne = 2\n"""\nf.g = 3\n[ h ]\ni=4');
  assert.equal(Object.fromEntries(lines), { a: 1, "b.c": 2, "b.c.d": 3, "b.c.f.g": 6, h: 7, "h.i": 8 });
});

test("hostile lines end soon, with faults that are shown in one line each", async () => {
  const hostile = [
    "[".repeat(5000),
    "a = ".repeat(2000),
    `name = "${"x".repeat(100_000)}"`,
    'name = """\nx',
    "name = \u202e“evil”\u2066",
    Array.from({ length: 400 }, (_, line) => `k${line} = x`).join("\n"),
  ];
  for (const text of hostile) {
    const report = badReport(await faultsOf(`${CHARGER}${text}`));
    assert.ok(report.length < 40_000, `${report.length}`);
    assert.not.match(report, /[\u202a-\u202e\u2066-\u2069]/);
  }
});

test.run();
