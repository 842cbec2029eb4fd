/** The transaction address that a person abbreviates. */
import { fromHex, toHex } from "#base/bytes.ts";
import type { Chain } from "#core/ledger/chain.ts";
import { CommandError } from "./command-error.ts";
import { EXIT } from "./exit-code.ts";

const DIGITS_MIN = 4;

/** Throws a CommandError when no transaction begins like this, or more than one does. */
export function findAddress(chain: Chain, text: string): Uint8Array {
  const prefix = text.toLowerCase();
  if (!/^[0-9a-f]+$/.test(prefix) || prefix.length < DIGITS_MIN) {
    throw new CommandError(EXIT.usage, `found "${text}", expected at least ${DIGITS_MIN} hex digits of an address`);
  }
  const known = [...new Set([...endedIn(chain), ...chain.pending.transactions.keys()])];
  const matching = known.filter((key) => key.startsWith(prefix));
  const only = matching.length === 1 ? fromHex(matching[0] ?? "") : undefined;
  if (only !== undefined) return only;
  const found = matching.length === 0 ? "no charge" : `${matching.length} charges`;
  const list = (matching.length === 0 ? known : matching).slice(-LISTED_MAX).map((key) => key.slice(0, 12));
  throw new CommandError(
    EXIT.usage,
    `${found} at "${text}"; ${list.length === 0 ? "there are none" : list.join(", ")}`,
  );
}

const LISTED_MAX = 10;

/** Also those that the state has forgotten. */
function endedIn(chain: Chain): readonly string[] {
  return Array.from({ length: chain.head.serial }, (_, place) => chain.at(place + 1)?.results ?? [])
    .flat()
    .map(({ address }) => toHex(address));
}
