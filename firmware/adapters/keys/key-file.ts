/**
 * The gateway's keys in one small text file: the one that signs, and the one that takes over at the next rotation.
 *
 *     tallystick keys 1                      of a device that has never rotated
 *     K0 <64 hex digits>
 *     K1 <64 hex digits>
 *     sum <16 hex digits>                    first 8 bytes of the SHA-256 of the lines above
 *
 *     tallystick keys 2                      after the first rotation
 *     inception <144 hex digits>             of the device id, whose first key is gone
 *     number <how often it has rotated>
 *     before <64 hex digits>                 signs until everybody has heard of the rotation
 *     key <64 hex digits>
 *     next <64 hex digits>
 *     sum <16 hex digits>
 *
 * The sum finds a torn or mistyped file; it protects nothing. No message of this file ever holds a part of its content.
 */
import { hash } from "node:crypto";
import { fromHex, toHex } from "#base/bytes.ts";
import { SECRET_KEY_BYTES } from "#core/identity/cryptography.ts";
import { KEYS_PER_DEVICE_MAX } from "#core/identity/membership-facts.ts";
import type { Randomness } from "#hal/ports/randomness.ts";
import { isSecretKey } from "#adapters/crypto/noble-signer.ts";
import { KeyFileError, readPrivate, writePrivate } from "./private-file.ts";
import { Secret } from "./secret.ts";

export { KeyFileError, type KeyFileErrorCode } from "./private-file.ts";

export interface GatewayKeys {
  /** The key that signs: K0 until the first rotation. */
  readonly signing: Secret;
  /** The key that is promised by its hash and takes over at the next rotation. */
  readonly next: Secret;
  /** Absent until the first rotation. */
  readonly rotated?: RotatedKeys;
}

export interface RotatedKeys {
  /** How often the device has rotated; 1 or more. */
  readonly number: number;
  /** As encoded: the device id is its hash, and its first key is not here any more. */
  readonly inception: Uint8Array;
  /** The key before `signing`. */
  readonly before: Secret;
}

/**
 * Makes new keys and their file, readable by its owner only. When the call resolves, the file survives a power cut; a
 * power cut before that leaves a whole file or none under the name. Never replaces a file: lost keys are a lost device.
 *
 * @throws KeyFileError
 */
export async function createKeyFile(path: string, random: Randomness): Promise<GatewayKeys> {
  const signing = makeSecretKey(path, random);
  const next = makeSecretKey(path, random);
  if (toHex(signing) === toHex(next)) throw badRandomness(path);
  await writePrivate(path, formatFirst(signing, next), { random, replaces: false });
  return { signing: new Secret(signing), next: new Secret(next) };
}

/**
 * Lets the promised key take over, draws the one after it, and replaces the file. When the call resolves, it survives a
 * power cut; before, either the old file or the new one is whole. `inception` is the device's.
 *
 * @throws KeyFileError
 */
export async function rotateKeyFile(path: string, inception: Uint8Array, random: Randomness): Promise<GatewayKeys> {
  const old = await loadKeyFile(path);
  const next = makeSecretKey(path, random);
  if (toHex(next) === toHex(old.next.reveal())) throw badRandomness(path);
  const number = (old.rotated?.number ?? 0) + 1;
  const rotated: GatewayKeys = {
    signing: old.next,
    next: new Secret(next),
    rotated: { number, inception, before: old.signing },
  };
  await writePrivate(path, formatRotated(rotated, { number, inception, before: old.signing }), {
    random,
    replaces: true,
  });
  return rotated;
}

/** @throws KeyFileError */
export async function loadKeyFile(path: string): Promise<GatewayKeys> {
  const text = await readPrivate(path);
  const isTornTitle = TITLES.some((title) => `${title}\n`.startsWith(text));
  if (!isTornTitle && !TITLES.some((title) => text.startsWith(`${title}\n`))) {
    throw new KeyFileError("KEY_FILE_NOT_KEYS", path, "this is no key file of a gateway; name the right one");
  }
  const keys = text.startsWith(TITLE_ROTATED) ? readRotated(text) : readFirst(text);
  if (keys === undefined) {
    throw new KeyFileError("KEY_FILE_DAMAGED", path, "the file is torn or was changed; bring it back from a backup");
  }
  return keys;
}

const TITLE_FIRST = "tallystick keys 1";
const TITLE_ROTATED = "tallystick keys 2";
const TITLES = [TITLE_FIRST, TITLE_ROTATED];
const FIRST = /^[^\n]*\nK0 ([0-9a-f]{64})\nK1 ([0-9a-f]{64})\nsum [0-9a-f]{16}\n$/;
const ROTATED = new RegExp(
  "^[^\n]*\ninception ([0-9a-f]{144})\nnumber ([1-9][0-9]{0,2})\n" +
    "before ([0-9a-f]{64})\nkey ([0-9a-f]{64})\nnext ([0-9a-f]{64})\nsum [0-9a-f]{16}\n$",
);

function readFirst(text: string): GatewayKeys | undefined {
  const [, signing, next] = FIRST.exec(text) ?? [];
  const [first, second] = [secretOf(signing), secretOf(next)];
  if (first === undefined || second === undefined) return undefined;
  return text === formatFirst(first.reveal(), second.reveal()) ? { signing: first, next: second } : undefined;
}

function readRotated(text: string): GatewayKeys | undefined {
  const [, inceptionText = "", numberText, beforeText, keyText, nextText] = ROTATED.exec(text) ?? [];
  const inception = fromHex(inceptionText);
  const [before, signing, next] = [secretOf(beforeText), secretOf(keyText), secretOf(nextText)];
  const number = Number(numberText);
  if (inception === undefined || before === undefined || signing === undefined || next === undefined) return undefined;
  if (number >= KEYS_PER_DEVICE_MAX) return undefined;
  const rotated = { number, inception, before };
  return text === formatRotated({ signing, next }, rotated) ? { signing, next, rotated } : undefined;
}

function secretOf(hex: string | undefined): Secret | undefined {
  const bytes = fromHex(hex ?? "");
  return bytes !== undefined && isSecretKey(bytes) ? new Secret(bytes) : undefined;
}

function formatFirst(signing: Uint8Array, next: Uint8Array): string {
  return withSum(`${TITLE_FIRST}\nK0 ${toHex(signing)}\nK1 ${toHex(next)}\n`);
}

function formatRotated({ signing, next }: GatewayKeys, { number, inception, before }: RotatedKeys): string {
  const secrets = [
    ["before", before],
    ["key", signing],
    ["next", next],
  ] as const;
  const lines = secrets.map(([name, secret]) => `${name} ${toHex(secret.reveal())}\n`).join("");
  return withSum(`${TITLE_ROTATED}\ninception ${toHex(inception)}\nnumber ${number}\n${lines}`);
}

function withSum(body: string): string {
  return `${body}sum ${hash("sha256", body).slice(0, 16)}\n`;
}

/** One draw in four thousand million is no key of the curve; many in a row are a source that stands still. */
function makeSecretKey(path: string, random: Randomness): Uint8Array {
  for (let draw = 0; draw < 4; draw += 1) {
    const candidate = random.bytes(SECRET_KEY_BYTES);
    if (isSecretKey(candidate)) return candidate;
  }
  throw badRandomness(path);
}

function badRandomness(path: string): KeyFileError {
  return new KeyFileError("KEY_FILE_BAD_RANDOMNESS", path, "the random source repeats itself; no keys were made");
}
