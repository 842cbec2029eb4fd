/** What bytes without a telegram in them look like: another protocol than the one that was configured, or none. */
import { toHex } from "#base/bytes.ts";
import { makeMeterDecoder } from "./meter-decoder.ts";
import type { TelegramProtocol } from "./telegram-model.ts";

export type ProtocolGuess =
  /** A whole telegram of it is there, or at least what only it begins with. */
  | { readonly kind: "protocol"; readonly protocol: TelegramProtocol; readonly isWhole: boolean }
  /** Few different bytes, as a line of another speed or an inverted one gives. */
  | { readonly kind: "noise" }
  | { readonly kind: "unknown" };

export function guessProtocol(bytes: Uint8Array): ProtocolGuess {
  const isP1 = P1_SIGNS.test(textOf(bytes));
  const whole = PROTOCOLS.find((protocol) => (protocol !== "dsmr" || isP1) && hasTelegram(bytes, protocol));
  if (whole !== undefined) return { kind: "protocol", protocol: whole, isWhole: true };
  const begun = beginOf(bytes);
  if (begun !== undefined) return { kind: "protocol", protocol: begun, isWhole: false };
  return isNoise(bytes) ? { kind: "noise" } : { kind: "unknown" };
}

/** They begin alike and are written alike: a CRC behind the end mark, or a code that only P1 has, tells P1 from D0. */
const P1_SIGNS = /\n![0-9A-Fa-f]{4}\r|\n(?:1-3:0\.2\.8|0-0:96\.1[34]\.\d|0-0:96\.1\.[14])\(/;

/** P1 before D0, which takes the other for its own. */
const PROTOCOLS: readonly TelegramProtocol[] = ["sml", "dlms", "dsmr", "iec62056"];

function hasTelegram(bytes: Uint8Array, protocol: TelegramProtocol): boolean {
  const decoder = makeMeterDecoder({ protocol, check: "none" });
  return [...decoder.push(bytes), ...decoder.end()].some(
    ({ problem }) => problem === undefined || problem.code === "TELEGRAM_ENCRYPTED",
  );
}

/** The escape sequence of SML, and the first line of D0 and P1, also where its parity was taken for a bit. */
function beginOf(bytes: Uint8Array): TelegramProtocol | undefined {
  if (toHex(bytes).includes(SML_BEGIN)) return "sml";
  const text = textOf(bytes);
  const [, line] = /\/([A-Za-z]{3}[ -~]{2,40})\r?\n/.exec(text) ?? [];
  if (line === undefined) return undefined;
  return P1_SIGNS.test(text) ? "dsmr" : "iec62056";
}

/** Without the eighth bit. */
function textOf(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.map((byte) => byte & 0x7f));
}

const SML_BEGIN = "1b1b1b1b01010101";

function isNoise(bytes: Uint8Array): boolean {
  if (bytes.length < NOISE_BYTES_MIN) return false;
  const counts = new Map<number, number>();
  for (const byte of bytes) counts.set(byte, (counts.get(byte) ?? 0) + 1);
  const most = [...counts.values()].sort((left, right) => right - left).slice(0, NOISE_KINDS);
  return most.reduce((sum, count) => sum + count, 0) > NOISE_SHARE * bytes.length;
}

const NOISE_BYTES_MIN = 32;
const NOISE_KINDS = 4;
const NOISE_SHARE = 0.7;
