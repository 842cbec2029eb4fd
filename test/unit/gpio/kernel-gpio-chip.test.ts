/** The order of our calls, on a kernel that writes them down; what they do is shown on a real one in test/gpio-sim. */
import { openSync } from "node:fs";
import { constants } from "node:os";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { decodeLineValue, GPIO_CALLS, GPIO_LAYOUTS, LINE_FLAGS } from "#hal/linux/gpio/gpio-abi.ts";
import type { KernelCalls } from "#hal/linux/gpio/kernel-calls.ts";
import { KernelGpioChip } from "#hal/linux/gpio/kernel-gpio-chip.ts";
import { POLL_EVERY_MS } from "#hal/linux/gpio/poll-round.ts";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";

const REQUEST = GPIO_LAYOUTS.gpio_v2_line_request.fields;
const EDGES = LINE_FLAGS.GPIO_V2_LINE_FLAG_EDGE_RISING | LINE_FLAGS.GPIO_V2_LINE_FLAG_EDGE_FALLING;

/** Lends every line, as descriptors of /dev/null, and gives no edges: it answers as a chip without interrupts does. */
class WritingKernel implements KernelCalls {
  readonly written: string[] = [];
  level = false;

  ioctl(_: number, call: number, bytes: Uint8Array): number {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (call === GPIO_CALLS.GPIO_V2_GET_LINE_IOCTL) {
      const flags = view.getUint32(REQUEST["config.flags"], true);
      const offset = view.getUint32(REQUEST.offsets, true);
      if ((flags & EDGES) !== 0) {
        this.written.push(`line ${offset} with edges: refused`);
        return constants.errno.ENXIO;
      }
      this.written.push(`line ${offset}`);
      view.setInt32(REQUEST.fd, openSync("/dev/null", "r"), true);
    }
    if (call === GPIO_CALLS.GPIO_V2_LINE_SET_VALUES_IOCTL) {
      this.written.push(decodeLineValue(bytes) ? "active" : "inactive");
    }
    if (call === GPIO_CALLS.GPIO_V2_LINE_GET_VALUES_IOCTL) view.setBigUint64(0, this.level ? 1n : 0n, true);
    return 0;
  }

  watchReadable(): undefined {
    throw new Error("bug: a line without edges is not watched");
  }
}

function open(): { kernel: WritingKernel; clock: SimulatedClock; chip: KernelGpioChip } {
  const kernel = new WritingKernel();
  const clock = new SimulatedClock();
  const found = { descriptor: openSync("/dev/null", "r"), info: { name: "gpiochip0", label: "test", lineCount: 8 } };
  return { kernel, clock, chip: new KernelGpioChip(kernel, found, { clock }) };
}

const test = suite("kernel GPIO chip");

test("an output is put to inactive before it is let go, also by the close of its chip", () => {
  const { kernel, chip } = open();
  const first = chip.holdOutput({ line: 1, isActive: true });
  chip.holdOutput({ line: 2, isActive: true });
  assert.ok(first.ok);
  first.value.release();
  chip.close();
  assert.equal(kernel.written, ["line 1", "line 2", "inactive", "inactive"]);
});

test("a line without interrupts is held without edges and looked at every 5 ms, by one timer for all", async () => {
  const { kernel, clock, chip } = open();
  const told: string[] = [];
  for (const line of [3, 4]) {
    const held = chip.holdInput({ line, bias: "pull-up", debounceMs: 0 }, () => {
      told.push(`${line} at ${clock.monotonicMs()}`);
    });
    assert.ok(held.ok);
  }
  assert.equal(kernel.written, ["line 3 with edges: refused", "line 3", "line 4 with edges: refused", "line 4"]);
  await clock.runFor(POLL_EVERY_MS / 2);
  kernel.level = true;
  assert.is(clock.pendingWakes, 1);
  await clock.runFor(10 * POLL_EVERY_MS);
  assert.equal(told, ["3 at 5", "4 at 5"]);
  chip.close();
  assert.is(clock.pendingWakes, 0);
});

test.run();
