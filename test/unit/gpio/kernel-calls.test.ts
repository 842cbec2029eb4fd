/** The calls that koffi makes for us, on descriptors that every machine has. */
import { spawnSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { constants as osConstants, tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type KernelCalls, loadKernelCalls } from "#hal/linux/gpio/kernel-calls.ts";

const FIONREAD = 0x541b;

const test = suite<{ calls: KernelCalls; folder: string; pipe: number }>("kernel calls");

test.before.each(async (context) => {
  const loaded = await loadKernelCalls();
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.fault));
  context.calls = loaded.value;
  context.folder = mkdtempSync(join(tmpdir(), "calls-"));
  spawnSync("mkfifo", [join(context.folder, "pipe")]);
  context.pipe = openSync(join(context.folder, "pipe"), constants.O_RDWR | constants.O_NONBLOCK);
});
test.after.each(({ folder, pipe }) => {
  closeSync(pipe);
  rmSync(folder, { recursive: true });
});

test("the kernel's answer is written into the bytes that are given", ({ calls, pipe }) => {
  writeSync(pipe, "seven b");
  const count = new Uint8Array(4);
  assert.is(calls.ioctl(pipe, FIONREAD, count), 0);
  assert.equal([...count], [7, 0, 0, 0]);
});

test("bytes in the middle of a buffer are written there and nowhere else", ({ calls, pipe }) => {
  writeSync(pipe, "seven b");
  const buffer = new Uint8Array(12).fill(0xee);
  assert.is(calls.ioctl(pipe, FIONREAD, buffer.subarray(4, 8)), 0);
  assert.equal([...buffer], [0xee, 0xee, 0xee, 0xee, 7, 0, 0, 0, 0xee, 0xee, 0xee, 0xee]);
});

test("a refusal is the kernel's own number", ({ calls, pipe }) => {
  const { EBADF, ENOTTY } = osConstants.errno;
  assert.is(calls.ioctl(pipe, 0x8044b401, new Uint8Array(68)), ENOTTY);
  assert.is(calls.ioctl(9999, 0x8044b401, new Uint8Array(68)), EBADF);
});

test("something to read is told in the event loop until it is read, and promises go on", async ({ calls, pipe }) => {
  const read: number[] = [];
  const order: string[] = [];
  const stop = calls.watchReadable(pipe, () => {
    const bytes = new Uint8Array(2);
    read.push(readSync(pipe, bytes));
    void Promise.resolve().then(() => order.push("promise"));
    process.nextTick(() => order.push("tick"));
  });
  assert.ok(stop !== undefined);
  writeSync(pipe, "five!");
  assert.equal(read, [], "not within the call that writes");
  await rounds(20);
  stop();
  assert.equal(read, [2, 2, 1]);
  assert.is(order.length, 6);
});

test("nothing is told after the stop, not even what was on its way", async ({ calls, pipe }) => {
  let told = 0;
  const stop = calls.watchReadable(pipe, () => (told += 1));
  assert.ok(stop !== undefined);
  writeSync(pipe, "x");
  stop();
  stop();
  await rounds(20);
  assert.is(told, 0);
});

test("what cannot be watched is said so", ({ calls }) => {
  const file = openSync(import.meta.filename, "r");
  assert.is(
    calls.watchReadable(file, () => undefined),
    undefined,
  );
  closeSync(file);
});

test.run();

/** Lets the event loop go round. */
async function rounds(count: number): Promise<void> {
  for (let round = 0; round < count; round += 1) await new Promise((resolve) => setImmediate(resolve));
}
