import { execFileSync } from "node:child_process";
import {
  chmodSync,
  linkSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { createKeyFile, KeyFileError, loadKeyFile, type KeyFileErrorCode } from "#adapters/keys/key-file.ts";
import { Secret } from "#adapters/keys/secret.ts";
import type { Randomness } from "#hal/ports/randomness.ts";

/** Counts up, so that every draw is another. */
function countingRandomness(): Randomness {
  let next = 1;
  return { bytes: (length) => new Uint8Array(length).fill(next++) };
}

const K0 = "01".repeat(32);
const K1 = "02".repeat(32);

async function inFolder(use: (folder: string, path: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "tallystick-keys-"));
  try {
    await use(folder, join(folder, "keys"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function refuses(call: Promise<unknown>, code: KeyFileErrorCode): Promise<KeyFileError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.instance(error, KeyFileError);
  if (!(error instanceof KeyFileError)) throw new Error("not refused");
  assert.is(error.code, code);
  const shown = `${inspect(error, { showHidden: true, depth: 9 })}${error.stack ?? ""}${JSON.stringify(error)}`;
  assert.not.ok(shown.includes(K0.slice(0, 16)) || shown.includes(K1.slice(0, 16)), "a key is in the error");
  return error;
}

const test = suite("key file");

test("what was made is loaded again", async () => {
  await inFolder(async (folder, path) => {
    const made = await createKeyFile(path, countingRandomness());
    const loaded = await loadKeyFile(path);
    assert.equal(
      [made.signing, made.next].map((key) => toHex(key.reveal())),
      [K0, K1],
    );
    assert.equal(
      [loaded.signing, loaded.next].map((key) => toHex(key.reveal())),
      [K0, K1],
    );
    assert.equal(readdirSync(folder), ["keys"]);
  });
});

test("the file is its owner's alone, from the first moment", async () => {
  await inFolder(async (_folder, path) => {
    await createKeyFile(path, countingRandomness());
    assert.is(statSync(path).mode & 0o777, 0o600);
  });
});

test("keys are never replaced, not even by a second start at the same moment", async () => {
  await inFolder(async (folder, path) => {
    const random = countingRandomness();
    const both = await Promise.allSettled([createKeyFile(path, random), createKeyFile(path, random)]);
    assert.equal(both.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
    const before = readFileSync(path, "utf8");
    await refuses(createKeyFile(path, random), "KEY_FILE_EXISTS");
    assert.is(readFileSync(path, "utf8"), before);
    assert.equal(readdirSync(folder), ["keys"]);
  });
});

test("a file that others may read is refused, with the command that helps", async () => {
  await inFolder(async (_folder, path) => {
    await createKeyFile(path, countingRandomness());
    for (const mode of [0o640, 0o620, 0o610, 0o604, 0o602, 0o601, 0o666]) {
      chmodSync(path, mode);
      const error = await refuses(loadKeyFile(path), "KEY_FILE_OPEN_TO_OTHERS");
      assert.ok(error.message.includes(`chmod 600 '${path}'`));
    }
    chmodSync(path, 0o400);
    await loadKeyFile(path);
  });
});

test("a file cut anywhere, or with one character changed, is refused", async () => {
  await inFolder(async (_folder, path) => {
    await createKeyFile(path, countingRandomness());
    const whole = readFileSync(path, "utf8");
    for (let length = 0; length < whole.length; length += 1) {
      writeFileSync(path, whole.slice(0, length));
      await refuses(loadKeyFile(path), "KEY_FILE_DAMAGED");
    }
    const start = whole.indexOf("\n") + 1;
    for (let at = start; at < whole.length; at += 1) {
      writeFileSync(path, `${whole.slice(0, at)}${whole[at] === "1" ? "3" : "1"}${whole.slice(at + 1)}`);
      await refuses(loadKeyFile(path), "KEY_FILE_DAMAGED");
    }
    for (const other of [`${whole}\n`, `${whole} `, whole.toUpperCase().replace(/^.*/, "tallystick keys 1")]) {
      writeFileSync(path, other);
      await refuses(loadKeyFile(path), "KEY_FILE_DAMAGED");
    }
  });
});

test("something else under the name is refused: another text, a folder, a large file, nothing", async () => {
  await inFolder(async (folder, path) => {
    await refuses(loadKeyFile(path), "KEY_FILE_MISSING");
    await refuses(createKeyFile(join(folder, "missing", "keys"), countingRandomness()), "KEY_FILE_MISSING");
    await refuses(loadKeyFile(folder), "KEY_FILE_NOT_KEYS");
    for (const text of ["-----BEGIN EC PRIVATE KEY-----\n", "tallystick keys 3\n", "x".repeat(100_000)]) {
      writeFileSync(path, text, { mode: 0o600 });
      await refuses(loadKeyFile(path), "KEY_FILE_NOT_KEYS");
    }
    await refuses(createKeyFile(path, countingRandomness()), "KEY_FILE_EXISTS");
  });
});

test("a named pipe under the name is refused and does not hold the start", async () => {
  await inFolder(async (_folder, path) => {
    execFileSync("mkfifo", ["-m", "600", path]);
    await refuses(loadKeyFile(path), "KEY_FILE_NOT_KEYS");
  });
});

test("a link to the keys is followed, and the file behind it is what is judged", async () => {
  await inFolder(async (folder, path) => {
    await createKeyFile(path, countingRandomness());
    symlinkSync(path, join(folder, "link"));
    linkSync(path, join(folder, "second"));
    await loadKeyFile(join(folder, "link"));
    chmodSync(path, 0o644);
    await refuses(loadKeyFile(join(folder, "link")), "KEY_FILE_OPEN_TO_OTHERS");
  });
});

test("a random source that stands still makes no keys", async () => {
  await inFolder(async (folder, path) => {
    for (const fill of [0x00, 0xff, 0x01]) {
      const stuck: Randomness = { bytes: (length) => new Uint8Array(length).fill(fill) };
      await refuses(createKeyFile(path, stuck), "KEY_FILE_BAD_RANDOMNESS");
    }
    assert.equal(readdirSync(folder), []);
  });
});

test("a draw that is no key is drawn again", async () => {
  await inFolder(async (_folder, path) => {
    const draws = [new Uint8Array(32), new Uint8Array(32).fill(1), new Uint8Array(32).fill(0xff)];
    const random: Randomness = { bytes: (length) => draws.shift() ?? new Uint8Array(length).fill(2) };
    const keys = await createKeyFile(path, random);
    assert.equal(
      [keys.signing, keys.next].map((key) => toHex(key.reveal())),
      [K0, K1],
    );
  });
});

test("a secret shows itself as [secret], however it is printed", () => {
  const secret = new Secret(new Uint8Array(32).fill(1));
  assert.is(String(secret), "[secret]");
  assert.is(JSON.stringify({ secret }), '{"secret":"[secret]"}');
  assert.is(inspect({ secret }, { showHidden: true, depth: 9 }), "{ secret: [secret] }");
  assert.equal(Object.keys(secret), []);
  secret.reveal().fill(0);
  assert.is(toHex(secret.reveal()), K0);
});

test.run();
