/** The folder of a gateway across processes: owners that are killed, and file systems that are full or read-only. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { inspectFolder, openSafetyRegister, openSegmentLog } from "#adapters/flash-store/index.ts";
import { openFlash } from "#hal/linux/flash.ts";
import { SystemRandomness } from "#hal/linux/system-randomness.ts";
import { FlashError } from "#hal/ports/flash.ts";
import { idOf, numbered } from "#test/builders/flash-store.ts";
import { checkFullFlash, rejects } from "#test/contract/flash.ts";

const test = suite("flash of a process");
const writer = fileURLToPath(new URL("../builders/flash-writer.ts", import.meta.url));
const run = promisify(execFile);
const randomness = new SystemRandomness();

interface Writer {
  /** The lines so far. */
  readonly lines: readonly string[];
  seen(count: number): Promise<void>;
  kill(): Promise<void>;
}

function startWriter(folder: string, firstId = 0): Writer {
  const child = spawn(process.execPath, [writer, folder, String(firstId)], { stdio: ["ignore", "pipe", "inherit"] });
  const reader = createInterface({ input: child.stdout });
  const ended = Promise.all([once(child, "exit"), once(reader, "close")]);
  const lines: string[] = [];
  const news = new EventTarget();
  reader.on("line", (line) => {
    lines.push(line);
    news.dispatchEvent(new Event("line"));
  });
  const seen = async (count: number): Promise<void> => {
    while (lines.length < count) await once(news, "line");
  };
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await ended;
  };
  return { lines, seen, kill };
}

async function inFolder(check: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "tallystick-owner-"));
  try {
    await check(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A small file system of its own; undefined where we are not allowed to mount one. */
async function inSmallFileSystem(sizeBytes: number, check: (folder: string) => Promise<void>): Promise<void> {
  await inFolder(async (parent) => {
    const folder = join(parent, "card");
    await mkdir(folder);
    try {
      await run("mount", ["-t", "tmpfs", "-o", `size=${sizeBytes}`, "tmpfs", folder]);
    } catch {
      console.log("  (skipped: mounting a file system is not allowed here)");
      return;
    }
    try {
      await check(folder);
    } finally {
      await run("umount", [folder]);
    }
  });
}

test("another process is refused while the owner lives, and has the folder at once when it was killed", async () => {
  await inFolder(async (folder) => {
    const owner = startWriter(folder);
    await owner.seen(1);
    assert.equal(owner.lines[0], "owner");
    await rejects(openFlash(folder), "FLASH_IN_USE");
    const second = startWriter(folder);
    await second.seen(1);
    assert.equal(second.lines, ["FLASH_IN_USE"]);
    await owner.kill();
    const flash = await openFlash(folder);
    const third = startWriter(folder);
    await third.seen(1);
    assert.equal(third.lines, ["FLASH_IN_USE"], "this process is the owner now");
    await flash.close();
  });
});

test("through another path to it, it is the same folder", async () => {
  await inFolder(async (folder) => {
    const flash = await openFlash(join(folder, "..", folder.split("/").at(-1) ?? "", "."));
    await rejects(openFlash(folder), "FLASH_IN_USE");
    await flash.close();
  });
});

test("after each of several kills every record that was told to be durable is there, in order, and nothing is damaged", async () => {
  await inFolder(async (folder) => {
    let [durable, next]: [number[], number] = [[], 0];
    for (let round = 0; round < 4; round += 1) {
      const owner = startWriter(folder, next);
      await owner.seen(100 + 150 * round);
      await owner.kill();
      durable = [...durable, ...owner.lines.slice(1).map(Number)];
      const flash = await openFlash(folder);
      const { log, records, damages } = await openSegmentLog(flash, { randomness });
      const { register, state } = await openSafetyRegister(flash);
      const ids = records.map(idOf);
      assert.equal(damages, []);
      assert.equal(
        durable.filter((id) => !ids.includes(id)),
        [],
      );
      assert.equal(
        ids,
        ids.toSorted((left, right) => left - right),
      );
      assert.ok(ids.length <= durable.length + 3 * (round + 1), "at most what waited is there in addition");
      assert.is(state, "sound");
      const registered = register.value ?? new Uint8Array(4);
      assert.ok(new DataView(registered.buffer).getUint32(0) + 2 >= (durable.at(-1) ?? 0));
      next = (ids.at(-1) ?? 0) + 1;
      await log.close();
      await register.close();
      await flash.close();
      const inspection = await inspectFolder(folder);
      assert.equal([inspection.findings, inspection.otherFiles, inspection.register?.state], [[], [], "sound"]);
      assert.equal(inspection.records.map(idOf), ids);
    }
  });
});

test("what a killed owner left unfinished is removed at the next open, and strange files are left alone", async () => {
  await inFolder(async (folder) => {
    await writeFile(join(folder, ".unfinished-segment-00000003"), new Uint8Array(100));
    await writeFile(join(folder, "README"), "not ours");
    const flash = await openFlash(folder);
    assert.equal(await flash.list(), []);
    assert.equal((await readdir(folder)).sort(), [".owner", "README"]);
    await flash.close();
  });
});

test("a folder that is not there is FLASH_MISSING, and is not made", async () => {
  await inFolder(async (folder) => {
    await rejects(openFlash(join(folder, "card")), "FLASH_MISSING");
    await writeFile(join(folder, "file"), "");
    await rejects(openFlash(join(folder, "file", "card")), "FLASH_MISSING");
    assert.equal(await readdir(folder), ["file"]);
  });
});

test("a file really has its blocks: it is not sparse", async () => {
  await inFolder(async (folder) => {
    const flash = await openFlash(folder);
    await flash.create("file", 3_000_000);
    const { stdout } = await run("du", ["--block-size=1", join(folder, "file")]);
    assert.ok(Number.parseInt(stdout, 10) >= 3_000_000, stdout);
    await flash.close();
  });
});

test("on a full file system a file that does not fit leaves nothing behind", async () => {
  await inSmallFileSystem(1024 * 1024, async (folder) => {
    const flash = await openFlash(folder);
    await checkFullFlash(flash, { fitting: 300_000, tooLarge: 2_000_000 });
    await flash.close();
  });
});

test("after a write that failed no sync says that all is well", async () => {
  await inSmallFileSystem(512 * 1024, async (folder) => {
    const flash = await openFlash(folder);
    // A sparse file, as we never make one: it has no room behind it.
    await run("truncate", ["-s", "2M", join(folder, "sparse")]);
    const file = await flash.open("sparse");
    await file.write(0, numbered(1));
    await rejects(file.write(0, new Uint8Array(1024 * 1024)), "FLASH_FULL");
    await rejects(file.sync(), "FLASH_FULL");
    await rejects(file.write(0, numbered(1)), "FLASH_FULL");
    await flash.close();
  });
});

test("a log on a full file system refuses with FLASH_FULL, and all that was durable is there", async () => {
  await inSmallFileSystem(512 * 1024, async (folder) => {
    const flash = await openFlash(folder);
    const { log } = await openSegmentLog(flash, { randomness, segmentBytes: 64 * 1024 });
    let [durable, failure]: [number, unknown] = [0, undefined];
    for (; failure === undefined && durable < 10_000; durable += 1) {
      failure = await log.append(numbered(durable, 1000)).then(
        () => undefined,
        (error: unknown) => error,
      );
    }
    durable -= 1;
    assert.ok(failure instanceof FlashError && failure.code === "FLASH_FULL");
    assert.ok(durable > 300, `${durable} records`);
    await log.close();
    await flash.close();
    const inspection = await inspectFolder(folder);
    assert.equal([inspection.findings, inspection.records.length], [[], durable]);
  });
});

test("a read-only file system is FLASH_DENIED, and can be inspected", async () => {
  await inSmallFileSystem(1024 * 1024, async (folder) => {
    const flash = await openFlash(folder);
    const { log } = await openSegmentLog(flash, { randomness, segmentBytes: 64 * 1024 });
    await log.append(numbered(5));
    await log.close();
    await flash.close();
    await run("mount", ["-o", "remount,ro", folder]);
    await rejects(openFlash(folder), "FLASH_DENIED");
    assert.equal((await inspectFolder(folder)).records.map(idOf), [5]);
  });
});

test.run();
