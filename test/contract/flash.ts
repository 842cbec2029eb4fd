/**
 * What hal/ports/flash.ts promises, for any flash, but for what a power cut leaves (only the simulated card can tell).
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { FlashError } from "#hal/ports/flash.ts";
import type { Flash } from "#hal/ports/flash.ts";

export interface FlashUnderTest {
  /** Each call is another process that wants the same folder. */
  readonly open: () => Promise<Flash>;
  readonly dispose: () => Promise<void>;
}

export function flashContract(name: string, make: () => Promise<FlashUnderTest>): void {
  const test = suite(`flash contract: ${name}`);
  const claim = (text: string, check: (under: FlashUnderTest) => Promise<void>): void => {
    test(text, async () => {
      const under = await make();
      try {
        await check(under);
      } finally {
        await under.dispose();
      }
    });
  };

  claim("a new file is all zeros, of its size, and listed; the list is sorted", async ({ open }) => {
    const flash = await open();
    assert.equal(await flash.list(), []);
    const file = await flash.create("b-file", 5000);
    await flash.create("a-file", 1);
    assert.is(file.sizeBytes, 5000);
    assert.ok((await file.read(0, 5000)).every((byte) => byte === 0));
    assert.equal(await flash.list(), ["a-file", "b-file"]);
    await flash.close();
  });

  claim("what was written is read back, in this process and by the next owner", async ({ open }) => {
    const flash = await open();
    const file = await flash.create("file", 3000);
    await file.write(700, pattern(1600));
    await file.write(2999, Uint8Array.of(9));
    assert.equal(await file.read(700, 1600), pattern(1600));
    await file.sync();
    await file.close();
    await flash.close();
    const next = await open();
    const again = await next.open("file");
    assert.is(again.sizeBytes, 3000);
    assert.equal(await again.read(700, 1600), pattern(1600));
    assert.equal(await again.read(2998, 2), Uint8Array.of(0, 9));
    assert.equal(await again.read(10, 0), new Uint8Array(0));
    await next.close();
  });

  claim("a missing file is FLASH_MISSING, a present one FLASH_EXISTS and unchanged", async ({ open }) => {
    const flash = await open();
    await rejects(flash.open("file"), "FLASH_MISSING");
    await rejects(flash.remove("file"), "FLASH_MISSING");
    const file = await flash.create("file", 10);
    await file.write(0, pattern(10));
    await rejects(flash.create("file", 20), "FLASH_EXISTS");
    assert.equal(await flash.list(), ["file"]);
    const again = await flash.open("file");
    assert.equal(await again.read(0, 10), pattern(10));
    await flash.close();
  });

  claim("a removed file is gone, and one made anew in its place is all zeros", async ({ open }) => {
    const flash = await open();
    const file = await flash.create("file", 10);
    await file.write(0, pattern(10));
    await file.close();
    await flash.remove("file");
    assert.equal(await flash.list(), []);
    const anew = await flash.create("file", 20);
    assert.equal(await anew.read(0, 20), new Uint8Array(20));
    await flash.close();
  });

  claim("the folder has one owner: a second one is refused until the first has closed", async ({ open }) => {
    const flash = await open();
    await rejects(open(), "FLASH_IN_USE");
    await rejects(open(), "FLASH_IN_USE");
    const file = await flash.create("file", 10);
    await file.write(0, pattern(10));
    await flash.close();
    await flash.close();
    const next = await open();
    await rejects(open(), "FLASH_IN_USE");
    await next.close();
  });

  claim("close lets what runs end, and the next owner sees it", async ({ open }) => {
    const flash = await open();
    const file = await flash.create("file", 100_000);
    const writing = Array.from({ length: 50 }, (_, index) => file.write(2000 * index, pattern(2000)));
    let isMade = false;
    const making = flash.create("late", 300_000).then(() => (isMade = true));
    await flash.close();
    assert.ok(isMade, "a call that runs has ended before the folder is given up");
    await Promise.all([making, ...writing]);
    const next = await open();
    const again = await next.open("file");
    assert.equal(await again.read(98_000, 2000), pattern(2000));
    await next.close();
  });

  claim("a closed file and a closed flash refuse every call", async ({ open }) => {
    const flash = await open();
    const file = await flash.create("file", 10);
    const closed = await flash.open("file");
    await closed.close();
    await rejects(closed.read(0, 1), "FLASH_IO");
    await rejects(closed.write(0, Uint8Array.of(1)), "FLASH_IO");
    await rejects(closed.sync(), "FLASH_IO");
    await flash.close();
    await rejects(flash.list(), "FLASH_IO");
    await rejects(flash.create("other", 10), "FLASH_IO");
    await rejects(file.write(0, Uint8Array.of(1)), "FLASH_IO");
  });

  claim("a read or write beyond the end is a bug", async ({ open }) => {
    const flash = await open();
    const file = await flash.create("file", 10);
    const beyond: (() => Promise<unknown>)[] = [
      () => file.read(5, 6),
      () => file.write(10, Uint8Array.of(1)),
      () => file.read(-1, 1),
    ];
    for (const call of beyond) {
      await call().then(
        () => {
          assert.unreachable("the call was accepted");
        },
        (error: unknown) => {
          assert.match(String(error), /bug/);
        },
      );
    }
    await file.write(9, Uint8Array.of(1));
    await flash.close();
  });

  test.run();
}

/** That the flash is refused a file it has no room for, and that nothing is left of the try. */
export async function checkFullFlash(
  flash: Flash,
  sizes: { readonly fitting: number; readonly tooLarge: number },
): Promise<void> {
  await flash.create("fitting", sizes.fitting);
  await rejects(flash.create("too-large", sizes.tooLarge), "FLASH_FULL");
  assert.equal(await flash.list(), ["fitting"]);
  await flash.create("another", sizes.fitting);
}

export async function rejects(call: Promise<unknown>, code: FlashError["code"]): Promise<void> {
  await call.then(
    () => {
      assert.unreachable(`${code} was expected`);
    },
    (error: unknown) => {
      assert.instance(error, FlashError);
      assert.is(error instanceof FlashError ? error.code : "", code);
    },
  );
}

function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 7 + 1) & 0xff);
}
