/** The kernel's structures: as its documentation has them, and as its own header has them where a compiler is. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import {
  decodeChipInfo,
  decodeLineDescriptor,
  decodeLineInfo,
  decodeLineValue,
  encodeLineInfoQuestion,
  encodeLineRequest,
  encodeLineValue,
  GPIO_CALLS,
  GPIO_LAYOUTS,
  GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES,
  LINE_FLAGS,
} from "#hal/linux/gpio/gpio-abi.ts";

const test = suite("GPIO ABI");

test("sizes are those of the second version of the interface", () => {
  const sizes = Object.fromEntries(Object.entries(GPIO_LAYOUTS).map(([name, { size }]) => [name, size]));
  assert.equal(sizes, {
    gpiochip_info: 68,
    gpio_v2_line_info: 256,
    gpio_v2_line_request: 592,
    gpio_v2_line_config_attribute: 24,
    gpio_v2_line_values: 16,
    gpio_v2_line_event: 48,
  });
});

test("the numbers of the calls carry direction, size, the device's type and number", () => {
  const numbers = Object.fromEntries(Object.entries(GPIO_CALLS).map(([name, call]) => [name, call.toString(16)]));
  assert.equal(numbers, {
    GPIO_GET_CHIPINFO_IOCTL: "8044b401",
    GPIO_V2_GET_LINEINFO_IOCTL: "c100b405",
    GPIO_V2_GET_LINE_IOCTL: "c250b407",
    GPIO_V2_LINE_GET_VALUES_IOCTL: "c010b40e",
    GPIO_V2_LINE_SET_VALUES_IOCTL: "c010b40f",
  });
});

test("an output's request holds line, consumer, direction and first level, and nothing else", () => {
  const flags = LINE_FLAGS.GPIO_V2_LINE_FLAG_OUTPUT | LINE_FLAGS.GPIO_V2_LINE_FLAG_ACTIVE_LOW;
  const bytes = encodeLineRequest({ offset: 17, consumer: "tallystick", flags, isActive: true });
  const set = new Map([...bytes.entries()].filter(([, byte]) => byte !== 0));
  const expected = new Map<number, number>([
    [0, 17],
    ...[...new TextEncoder().encode("tallystick")].map((byte, at): [number, number] => [256 + at, byte]),
    [288, 0b1010], // config.flags
    [296, 1], // config.num_attrs
    [320, 2], // attrs[0].attr.id: output values
    [328, 1], // attrs[0].attr.values
    [336, 1], // attrs[0].mask
    [560, 1], // num_lines
  ]);
  assert.equal([...set], [...expected]);
});

test("an input's request has no levels", () => {
  const bytes = encodeLineRequest({ offset: 300, consumer: "x", flags: LINE_FLAGS.GPIO_V2_LINE_FLAG_INPUT });
  assert.is(toHex(bytes.subarray(0, 4)), "2c010000");
  assert.is(toHex(bytes.subarray(296, 344)), "00".repeat(48));
});

test("values, descriptors and names are read where the kernel writes them", () => {
  assert.is(toHex(encodeLineValue(true)), "01000000000000000100000000000000");
  assert.is(decodeLineValue(encodeLineValue(true)), true);
  assert.is(decodeLineValue(encodeLineValue(false)), false);

  const request = new Uint8Array(592);
  request.set([23, 0, 0, 0], 588);
  assert.is(decodeLineDescriptor(request), 23);

  const info = encodeLineInfoQuestion(5);
  assert.is(info[64], 5);
  info.set(new TextEncoder().encode("GPIO17"), 0);
  info.set(new TextEncoder().encode("spi0 CS0"), 32);
  info[72] = 1;
  assert.equal(decodeLineInfo(info), { name: "GPIO17", isUsed: true, consumer: "spi0 CS0" });

  const chip = new Uint8Array(68);
  chip.set(new TextEncoder().encode("gpiochip0"), 0);
  chip.fill(0x61, 32, 64); // A label as long as its field has no closing zero.
  chip.set([54, 1], 64);
  assert.equal(decodeChipInfo(chip), { name: "gpiochip0", label: "a".repeat(32), lineCount: 310 });
});

test("sizes, offsets, calls and flags are those of this machine's linux/gpio.h", () => {
  if (!existsSync("/usr/include/linux/gpio.h") || spawnSync("gcc", ["--version"]).status !== 0) {
    console.log("no gcc or no linux/gpio.h here: the table is not held against the header");
    return;
  }
  const ours = describeOurs();
  const program = [
    "#include <stddef.h>",
    "#include <stdio.h>",
    "#include <linux/gpio.h>",
    "int main(void) {",
    ...[...ours.keys()].map((expression) => `printf("%llu\\n", (unsigned long long)(${expression}));`),
    "}",
  ].join("\n");
  assert.equal(compileAndRun(program), [...ours.values()]);
});

test.run();

/** C expressions and the numbers that we have for them. */
function describeOurs(): ReadonlyMap<string, number> {
  const ours = new Map<string, number>();
  for (const [name, { size, fields }] of Object.entries(GPIO_LAYOUTS)) {
    ours.set(`sizeof(struct ${name})`, size);
    for (const [field, offset] of Object.entries(fields)) ours.set(`offsetof(struct ${name}, ${field})`, offset);
  }
  for (const [name, number] of Object.entries({ ...GPIO_CALLS, ...LINE_FLAGS })) ours.set(name, number);
  ours.set("GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES", GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES);
  return ours;
}

function compileAndRun(program: string): readonly number[] {
  const folder = mkdtempSync(join(tmpdir(), "gpio-abi-"));
  try {
    writeFileSync(join(folder, "layout.c"), program);
    const compiled = spawnSync("gcc", ["-o", "layout", "layout.c"], { cwd: folder, encoding: "utf8" });
    assert.is(compiled.status, 0, compiled.stderr);
    const { stdout } = spawnSync("./layout", { cwd: folder, encoding: "utf8" });
    return stdout.trim().split("\n").map(Number);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
