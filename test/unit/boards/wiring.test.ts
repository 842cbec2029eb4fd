/** What is drawn and written about the boards: pictures and tables that people solder by. */
import { readdirSync, readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { LINE_PURPOSES } from "#boards/board.ts";
import { GROUND_PINS, RELAY_SUPPLY_PIN } from "#boards/diagram/draw-wiring.ts";
import { drawPictures } from "#boards/diagram/pictures.ts";
import { SUPPLY_PINS } from "#boards/header.ts";
import { BOARDS } from "#boards/index.ts";
import { drawHeader } from "#firmware/commands/board/draw-header.ts";
import { describeLampPatterns } from "#hal/protocols/indicator/describe-lamp-patterns.ts";
import { LAMP_PATTERNS } from "#hal/protocols/indicator/lamp-patterns.ts";

const folder = new URL("../../../boards/", import.meta.url);
const readme = squeeze(readFileSync(new URL("README.md", folder), "utf8"));

/** Tables are padded by the formatter. */
function squeeze(text: string): string {
  return text.replaceAll(/ +/g, " ").replaceAll(/-+/g, "-");
}

const test = suite("wiring of the boards");

test("every committed picture is the one that its table draws (npm run boards)", () => {
  const drawn = drawPictures();
  const stored = readdirSync(new URL("wiring/", folder)).sort();
  assert.equal(stored, drawn.map(({ file }) => file).sort());
  for (const { file, svg } of drawn) {
    assert.ok(readFileSync(new URL(`wiring/${file}`, folder), "utf8") === svg, `${file} is out of date`);
  }
});

test("each device has a ground pin of its own, which is one", () => {
  const pins = LINE_PURPOSES.map((purpose) => GROUND_PINS[purpose]);
  assert.is(new Set(pins).size, pins.length);
  for (const pin of pins) assert.is(SUPPLY_PINS[pin], "GND", String(pin));
  assert.is(SUPPLY_PINS[RELAY_SUPPLY_PIN], "5V");
});

test("the header in letters marks as many pins as are soldered, on plain ASCII rows", () => {
  for (const { lines } of BOARDS) {
    const rows = drawHeader(lines);
    assert.is(rows.length, 20);
    assert.ok(rows.every((row) => /^[\x20-\x7e]*$/.test(row)));
    // A signal and a ground for each, and the supply of the relay.
    assert.is(rows.join("").split("*").length - 1, 2 * lines.length + 1);
  }
});

test("the README has every board and every picture", () => {
  for (const { name, title } of BOARDS) assert.ok(readme.includes(`| \`${name}\` | ${title} |`), name);
  for (const { file } of drawPictures()) assert.ok(readme.includes(`wiring/${file}`), file);
});

test("the README's table of lamps is the one in the code", () => {
  const table = describeLampPatterns(LAMP_PATTERNS);
  assert.ok(readme.includes(squeeze(table)), table);
});

test.run();
