/**
 * The gateway's keys: the one in force signs. After a rotation the key before it stays for a while, since blocks are
 * sealed with the key that the chain knows, and it is told of the rotation by such a block.
 */
import { assert } from "#base/assert.ts";
import { equalBytes } from "#base/bytes.ts";
import type { Signer } from "#core/identity/cryptography.ts";

export class KeyRing implements Signer {
  /** Oldest first. */
  #signers: readonly Signer[];
  #inForce: () => Uint8Array | undefined = () => undefined;

  constructor(signers: readonly Signer[]) {
    this.#signers = signers;
  }

  /** Which key the ledger holds for the one in force; undefined while it knows none. */
  follow(inForce: () => Uint8Array | undefined): void {
    this.#inForce = inForce;
  }

  replace(signers: readonly Signer[]): void {
    this.#signers = signers;
  }

  get publicKey(): Uint8Array {
    return this.#current.publicKey;
  }

  sign(message: Uint8Array): Uint8Array {
    return this.#current.sign(message);
  }

  /** The signer with that key; undefined where it is not here any more. */
  under(publicKey: Uint8Array): Signer | undefined {
    return this.#signers.find((signer) => equalBytes(signer.publicKey, publicKey));
  }

  get #current(): Signer {
    const inForce = this.#inForce();
    const known = inForce && this.#signers.find((signer) => equalBytes(signer.publicKey, inForce));
    const current = known ?? this.#signers[0];
    assert(current !== undefined, "a gateway has a key");
    return current;
  }
}
