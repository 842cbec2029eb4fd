/**
 * A chain without gateways: for what takes a thousand charges. Its genesis, members and keys are those of a scenario, its
 * blocks are sealed by the first of its stations, in the time of the chain, and every rule of the ledger applies.
 */
import { Chain } from "#core/ledger/chain.ts";
import type { Fact } from "#core/ledger/fact.ts";
import type { LedgerState } from "#core/ledger/state.ts";
import type { OpenBody } from "#core/session/facts.ts";
import { ChargeBuilder } from "#test/builders/charge-builder.ts";
import { joinFact, type Actor } from "#test/builders/ledger-actors.ts";
import { Liar } from "./liar.ts";
import type { Scenario } from "./scenario.ts";

export class HandChain {
  readonly chain: Chain;
  readonly #scenario: Scenario;
  readonly #sealer: Liar;
  #salt = 0;

  constructor(scenario: Scenario) {
    const { cryptography, genesis, stations } = scenario.world;
    this.#scenario = scenario;
    this.chain = new Chain(cryptography.crypto, genesis);
    this.#sealer = new Liar(scenario, stations[0]?.node.name ?? "");
  }

  get state(): LedgerState {
    return this.chain.head.state;
  }

  join(name: string, role: "station" | "vehicle"): Actor {
    const actor = this.#scenario.identityOf(name, role);
    this.#submit([joinFact(this.#scenario.world.genesis.network, actor)]);
    return actor;
  }

  /** With a salt of its own, from now on. */
  charge(station: Actor, vehicle: Actor, changes: Partial<OpenBody> = {}): ChargeBuilder {
    this.#salt += 1;
    const salt = new Uint8Array(16);
    new DataView(salt.buffer).setUint32(0, this.#salt);
    const { genesis } = this.#scenario.world;
    return new ChargeBuilder(genesis, { station, vehicle }, { salt, startedAt: this.state.sealedAt, ...changes });
  }

  seal(facts: readonly Fact[]): void {
    this.#submit(facts);
    const added = this.chain.addBlock(this.#sealer.seal(this.chain, this.chain.head), undefined);
    if (!added.ok) throw new Error(`bug of the test: ${JSON.stringify(added.fault)}`);
    if (this.chain.mempool.size > 0) throw new Error("bug of the test: a block has no room for its facts");
  }

  #submit(facts: readonly Fact[]): void {
    for (const fact of facts) {
      const added = this.chain.addFact(fact, this.state.sealedAt);
      if (!added.ok) throw new Error(`bug of the test: ${fact.kind}: ${JSON.stringify(added.fault)}`);
    }
  }
}
