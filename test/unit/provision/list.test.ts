/** Lists of gateways: what a spreadsheet makes of them, and every mistake by its line. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import jsQR from "jsqr";
import { realDisk } from "#firmware/commands/first-boot/disk.ts";
import { faultText } from "#firmware/commands/provision/gateway-list.ts";
import { judgeList } from "#firmware/commands/provision/judge-list.ts";
import { parseCsv } from "#firmware/commands/provision/parse-csv.ts";
import { readList } from "#firmware/commands/provision/read-list.ts";
import { codeText, stickerSheet, type Sticker } from "#firmware/commands/provision/sticker-sheet.ts";
import { codeMatrix } from "#records/qr/code-matrix.ts";
import { pixelsOfMatrix } from "#test/builders/qr-pixels.ts";

const test = suite("list of gateways");

async function faultsOf(name: string, text: string): Promise<readonly string[]> {
  const read = readList(name, text);
  if (!read.ok) return read.fault.map((fault) => faultText(name, fault));
  const { faults } = await judgeList(read.value, "/nowhere", { disk: realDisk, nowSeconds: 1_795_392_000 });
  return faults.map((fault) => faultText(name, fault));
}

const cellsOf = (text: string): readonly (readonly string[])[] => {
  const rows = parseCsv(text);
  return rows.ok ? rows.value.map(({ fields }) => fields) : [[`line ${rows.fault.line}`]];
};

test("commas, semicolons and tabs are read, with quotes, line ends in them, and empty lines between", () => {
  assert.equal(cellsOf('a,b\n1,"x, ""y"""\n\n,\n2, z '), [
    ["a", "b"],
    ["1", 'x, "y"'],
    ["2", "z"],
  ]);
  assert.equal(cellsOf("a;b\n1;x,y\n"), [
    ["a", "b"],
    ["1", "x,y"],
  ]);
  assert.equal(cellsOf("a\tb\n1\t2"), [
    ["a", "b"],
    ["1", "2"],
  ]);
  const rows = parseCsv('a,b\n"two\nlines",2\n3,4\n');
  assert.equal(rows.ok && rows.value.map(({ line }) => line), [1, 2, 4]);
  assert.equal(cellsOf('a\nb\n"open\n\n'), [["line 3"]]);
});

test("cells become what their column is: numbers, lists, truth, and text that looks like a number", () => {
  const read = readList(
    "x.csv",
    "name,meter.unit,tariff.price_per_kwh,network.dns,charge_point.guard\n7,3,0.35,1.1.1.1 9.9.9.9,no\n",
  );
  assert.ok(read.ok);
  assert.equal(read.value[0]?.card, {
    ...{ name: "7", meter: { unit: 3 }, tariff: { price_per_kwh: "0.35" } },
    ...{ network: { dns: ["1.1.1.1", "9.9.9.9"] }, charge_point: { guard: false } },
  });
});

test("a list in TOML shares what is said of every gateway, and of each role", () => {
  const text =
    '[every.region]\nsite = "s"\n[every_vehicle.broker]\nurl = "mqtt://a"\n[[gateway]]\nname = "x"\nrole = "vehicle"\nregion.site = "t"\n';
  const read = readList("x.toml", text);
  assert.ok(read.ok);
  // The parser's tables have no prototype.
  assert.equal(JSON.parse(JSON.stringify(read.value)), [
    { line: 5, card: { region: { site: "t" }, broker: { url: "mqtt://a" }, name: "x", role: "vehicle" } },
  ]);
});

test("each fault names its line and what is expected, and all are told at once", async () => {
  const csv = [
    "name,role,meter.unit,meter.model,broker.url,network.address",
    "post 1,charger,1,eastron-sdm630,,",
    "post-2,charger,1000,eastron-sdm603,mqtt://a,10.0.0.5/24",
    "post-3,charger,x,,,10.0.0.5/24",
    ",charger,1,,mqtt://a,",
    "POST-2,vehicle,,,mqtt://a,",
    "post-4,charger,1,,,",
  ];
  const faults = await faultsOf("x.csv", csv.join("\n"));
  const has = (pattern: RegExp): void => {
    assert.ok(
      faults.some((fault) => pattern.test(fault)),
      `${pattern.source}\n${faults.join("\n")}`,
    );
  };
  has(/^x\.csv, line 2, post 1: name: found "post 1"/);
  has(/^x\.csv, line 3, post-2: meter\.unit: found 1000, expected a whole number from 1 to 247/);
  has(/^x\.csv, line 3, post-2: meter\.model: found "eastron-sdm603"/);
  has(/^x\.csv, line 4, post-3: meter\.unit: found "x"/);
  has(/^x\.csv, line 4, network\.address: "10\.0\.0\.5\/24" is that of line 3, too/);
  has(/^x\.csv, line 5, name: is missing/);
  has(/^x\.csv, line 6, name: "POST-2" is that of line 3, too/);
  assert.equal(faults.length, 7, faults.join("\n"));
});

test("a second broker at a site is told, since the two would not hear each other", async () => {
  const rows = "name,role,region.site\na,charger,s-1\nb,charger,s-2\nc,charger,s-1\n";
  const faults = await faultsOf("x.csv", rows);
  assert.is(faults.length, 1);
  assert.match(
    faults[0] ?? "",
    /^x\.csv, line 4, broker\.url: c would run a second broker at site s-1; .* of a \(line 2\)/,
  );
});

test("a second broker at a site is none to tell of where its gateway is connected with both", async () => {
  const header = "name,role,region.site,broker.second.url\n";
  assert.equal(await faultsOf("x.csv", `${header}a,charger,s-1,\nb,charger,s-1,mqtt://192.168.1.10:1883\n`), []);
});

test("a list that is none is told as what it is", async () => {
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ["x.csv", "", /line 1: the list is empty/],
    ["x.csv", "name,role\n", /line 1: no gateway/],
    ["x.csv", "name,name\na,b\n", /line 1, name: this column is there twice/],
    ["x.csv", "Name of it,role\na,b\n", /line 1, Name of it: the head of a column is a key/],
    ["x.csv", "name,role\na,charger,stray\n", /line 2: "stray" stands in column 3/],
    ["x.csv", 'name,role\n"a,charger\n', /line 2: a quote " is not closed/],
    ["x.toml", "[[gateway]]\nname = x\n", /line 2: invalid value/],
    ["x.toml", "[gateway]\nname = 'x'\n", /line 1, gateway: expected \[\[gateway\]\]/],
    ["x.toml", "[[gateway]]\nname='x'\n[all]\na=1\n", /line 3, all: expected/],
    ["x.toml", "", /gateway: expected/],
  ];
  for (const [name, text, expected] of cases) assert.match((await faultsOf(name, text)).join(), expected);
  const many = `name,role\n${"a,charger\n".repeat(2001)}`;
  assert.match((await faultsOf("x.csv", many)).join(), /line 2002: more than 2000/);
});

const STICKER: Sticker = {
  ...{ name: "post-1", role: "charger", organisation: "A & <B>", site: "hall-1" },
  ...{ shortId: "3GKA2ST7SJVMJ", deviceId: "ab".repeat(32), network: "0123456789abcdef" },
};

test("a label's code is read back by a decoder that is not ours, and holds the whole fingerprint", () => {
  const { data, width } = pixelsOfMatrix(codeMatrix(codeText(STICKER)) ?? [], 3);
  assert.is(jsQR.default(data, width, width)?.data, codeText(STICKER));
  assert.match(codeText(STICKER), new RegExp(STICKER.deviceId));
});

test("a sheet has 21 labels on a page, and takes no name for markup", () => {
  const sheet = stickerSheet(Array.from({ length: 22 }, (_, index) => ({ ...STICKER, name: `post-${index}` })));
  assert.is(sheet.match(/<article>/g)?.length, 22);
  assert.is(sheet.match(/<section>/g)?.length, 2);
  assert.match(sheet, "A &amp; &lt;B&gt;");
  assert.not.match(sheet, /<script|https?:\/\/(?!www\.w3\.org\/2000\/svg)/);
});

test.run();
