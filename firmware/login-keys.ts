/** With which key a gateway shows a broker who it is, and which key its own broker expects of others. */
import { assert } from "#base/assert.ts";
import { equalBytes, toHex } from "#base/bytes.ts";
import type { Signer } from "#core/identity/cryptography.ts";
import type { Chain } from "#core/ledger/chain.ts";
import type { CurrentKey } from "#core/mesh/broker-login.ts";

export class LoginKeys {
  readonly #did: Uint8Array;
  #signers: readonly Signer[];
  #chain: Chain | undefined;
  #attempts = 0;

  /** Of a device that has rotated the newest key, then the one before it. */
  constructor(did: Uint8Array, signers: readonly Signer[]) {
    this.#did = did;
    this.#signers = signers;
  }

  replace(signers: readonly Signer[]): void {
    this.#signers = signers;
  }

  follow(chain: Chain): void {
    this.#chain = chain;
  }

  /**
   * The signer of the next attempt: the key that our chain knows, then the other. A broker that has not heard of a
   * rotation, or a chain of ours that has not, must not keep the gateway from the mesh by which it hears of it.
   */
  next(): Signer {
    const known = this.#chain?.pending.members.get(toHex(this.#did))?.publicKey;
    const isKnown = ({ publicKey }: Signer): boolean => known !== undefined && equalBytes(publicKey, known);
    const inOrder = [...this.#signers].sort((left, right) => Number(isKnown(right)) - Number(isKnown(left)));
    const signer = inOrder[this.#attempts % inOrder.length];
    assert(signer !== undefined, "a gateway has a key");
    this.#attempts += 1;
    return signer;
  }

  /** A revoked device may log in as well: its running charge is to be completed. */
  readonly currentKeyOf: CurrentKey = (deviceId) =>
    this.#chain?.pending.members.get(toHex(deviceId))?.publicKey ?? "unknown";
}
