/** `--key` and `--authentication-key`: the keys of a DLMS meter that encrypts what it says. */
import { fromHex } from "#base/bytes.ts";
import { KEY_BYTES } from "#hal/protocols/dlms/ciphering.ts";
import type { CommandArguments } from "./command.ts";
import { CommandError } from "./command-error.ts";
import { EXIT } from "./exit-code.ts";

export interface GivenKeys {
  readonly key: Uint8Array;
  readonly authenticationKey: Uint8Array | undefined;
}

/** Undefined when none is given. */
export function givenMeterKeys(given: CommandArguments): GivenKeys | undefined {
  const key = keyOption(given, "key");
  const authenticationKey = keyOption(given, "authentication-key");
  if (key !== undefined) return { key, authenticationKey };
  if (authenticationKey === undefined) return undefined;
  throw new CommandError(EXIT.usage, "--key is missing: an authentication key alone deciphers nothing");
}

function keyOption(given: CommandArguments, name: string): Uint8Array | undefined {
  const text = given.text(name);
  if (text === undefined) return undefined;
  const key = fromHex(text);
  if (key?.length === KEY_BYTES) return key;
  // The key itself is not repeated: messages end up in logs.
  throw new CommandError(EXIT.usage, `--${name}: expected ${2 * KEY_BYTES} hexadecimal digits`);
}
