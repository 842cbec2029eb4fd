/** Opening a chip where there is none; lines of a real kernel are in test/gpio-sim. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { GPIO_CALLS, GPIO_LAYOUTS } from "#hal/linux/gpio/gpio-abi.ts";
import { requestLine } from "#hal/linux/gpio/held-line.ts";
import type { KernelCalls } from "#hal/linux/gpio/kernel-calls.ts";
import { openGpioChip } from "#hal/linux/gpio/open-gpio-chip.ts";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import { describeGpioFault } from "#hal/protocols/gpio/describe-gpio-fault.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const clock = new SimulatedClock();

const test = suite("opening a GPIO chip");

test("a machine without chips says so, and so does a folder that is not there", async () => {
  const deviceFolder = mkdtempSync(join(tmpdir(), "gpio-"));
  for (const folder of [deviceFolder, join(deviceFolder, "absent")]) {
    const opened = await openGpioChip("pinctrl-bcm2711", { clock, deviceFolder: folder });
    assert.equal(opened, { ok: false, fault: { code: "GPIO_CHIP_MISSING", label: "pinctrl-bcm2711", found: [] } });
  }
  rmSync(deviceFolder, { recursive: true });
});

test("files and pipes that are named like a chip are passed over, without waiting for them", async () => {
  const deviceFolder = mkdtempSync(join(tmpdir(), "gpio-"));
  writeFileSync(join(deviceFolder, "gpiochip0"), "");
  spawnSync("mkfifo", [join(deviceFolder, "gpiochip1")]);
  const opened = await openGpioChip("any", { clock, deviceFolder });
  rmSync(deviceFolder, { recursive: true });
  assert.equal(opened, { ok: false, fault: { code: "GPIO_CHIP_MISSING", label: "any", found: [] } });
});

test("without koffi everything loads, and opening a chip is refused with what to do", () => {
  const hooks = `
    import { registerHooks } from "node:module";
    registerHooks({
      resolve: (name, context, next) => {
        if (name === "koffi") throw Object.assign(new Error("Cannot find package 'koffi'"), { code: "ERR_MODULE_NOT_FOUND" });
        return next(name, context);
      },
    });`;
  const program = `
    import { openGpioChip } from "#hal/linux/gpio/open-gpio-chip.ts";
    import { SystemClock } from "#hal/linux/system-clock.ts";
    const opened = await openGpioChip("any", { clock: new SystemClock() });
    console.log(JSON.stringify(opened.fault));`;
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", `data:text/javascript,${encodeURIComponent(hooks)}`, "--input-type=module", "--eval", program],
    { cwd: root, encoding: "utf8" },
  );
  assert.ok(stdout !== "", stderr);
  const fault = JSON.parse(stdout) as { readonly code: string; readonly reason: string };
  assert.is(fault.code, "GPIO_BINDING_MISSING");
  assert.match(describeGpioFault({ code: "GPIO_BINDING_MISSING", reason: fault.reason }), /koffi.*npm ci/);
});

const CHIP = { descriptor: 3, info: { name: "gpiochip0", label: "test", lineCount: 4 } };

/** A kernel that refuses every line with this number. */
function refusing(errno: number, consumer = ""): KernelCalls {
  return {
    ioctl: (_, call, bytes) => {
      if (call === GPIO_CALLS.GPIO_V2_GET_LINE_IOCTL) return errno;
      bytes.set(new TextEncoder().encode(consumer), GPIO_LAYOUTS.gpio_v2_line_info.fields.consumer);
      return 0;
    },
    watchReadable: () => undefined,
  };
}

function refusal(errno: number, consumer?: string): string {
  const line = requestLine(refusing(errno, consumer), CHIP, { line: 2, flags: 0 });
  assert.ok(!line.ok);
  return describeGpioFault(line.fault);
}

test("the kernel's refusals are told in words that help", () => {
  assert.match(refusal(constants.errno.EBUSY, "spi0 CS0"), "held by spi0 CS0");
  assert.match(refusal(constants.errno.EBUSY), "held by somebody else");
  assert.match(refusal(constants.errno.ENOTTY), "older than 5.10");
  assert.match(refusal(constants.errno.ENODEV), "has gone");
  assert.match(refusal(constants.errno.EPERM), "EPERM");
  assert.match(refusal(524), "cannot do this");
  assert.match(refusal(4000), "error 4000");
  assert.match(describeGpioFault({ code: "GPIO_DENIED", path: "/dev/gpiochip0" }), /gpiochip0.*group/);
  assert.match(describeGpioFault({ code: "GPIO_CHIP_MISSING", label: "a", found: ["b", "c"] }), "there is b, c");
});

test.run();
