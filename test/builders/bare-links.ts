/** Links of a tree without blocks: places, ids and scores are all that the choice of a head looks at. */
import type { QuorumCertificate } from "#core/finality/quorum-certificate.ts";
import { makeGenesis } from "#core/ledger/genesis.ts";
import type { ChainLink } from "#core/ledger/chain.ts";
import { Link } from "#core/ledger/link.ts";
import { stateOfGenesis, type LedgerState } from "#core/ledger/state.ts";
import { crypto, makeActor } from "./ledger-actors.ts";
import { EASY_RULES, STARTED_AT, VOTING_RULES } from "./ledger-builder.ts";

/** Every other block is a checkpoint. */
export const CHECKPOINT_BLOCKS = 2;

export function bareGenesis(finality: "votes" | "off" = "votes"): Link {
  const operator = makeActor("operator", "station");
  const rules = { ...(finality === "votes" ? VOTING_RULES : EASY_RULES), checkpointBlocks: CHECKPOINT_BLOCKS };
  const authorities = [[operator.inception, operator.organisation] as const];
  const genesis = makeGenesis(crypto, { version: 1, name: "bare", startedAt: STARTED_AT, rules, authorities });
  const state = stateOfGenesis(crypto, genesis);
  return new Link({ key: bareKey("00"), block: undefined, parent: undefined, state, score: 0 }, undefined);
}

/** The next link on a parent; its id begins with the given bytes in hex, so that the test says whose is lower. */
export function bareLink(
  parent: Link,
  id: string,
  changes: { score?: number; state?: Partial<LedgerState> } = {},
): Link {
  const state = { ...parent.state, serial: parent.serial + 1, ...changes.state };
  const score = changes.score ?? parent.score + 10;
  return new Link({ key: bareKey(id), block: undefined, parent, state, score }, undefined);
}

/** So many links on a parent, one on the other; ids by the name and their place. */
export function bareBranch(parent: Link, name: string, length: number, scores = 10): readonly Link[] {
  const links: Link[] = [];
  for (let place = 1; place <= length; place += 1) {
    const below = links.at(-1) ?? parent;
    const id = `${name}${place.toString(16).padStart(2, "0")}`;
    links.push(bareLink(below, id, { score: below.score + scores }));
  }
  return links;
}

/** What votes would say of two checkpoints; nobody has signed it. */
export function bareCertificate(source: Link, target: Link): QuorumCertificate {
  const body = {
    ...{ network: new Uint8Array(8), epoch: 0, seats: new Uint8Array(1), signatures: [] },
    source: { serial: source.serial, id: source.id },
    target: { serial: target.serial, id: target.id },
  };
  return { body, bytes: new Uint8Array() };
}

export function bareKey(id: string): string {
  return id.padEnd(64, "0");
}

/** The link as one of a long branch that has taken over: its state is not at hand, and may not be had at all. */
export function stateless(link: ChainLink): ChainLink {
  return {
    ...{ block: link.block, parent: link.parent, results: link.results, score: link.score, serial: link.serial },
    ...{ id: link.id, sealedAt: link.sealedAt, hasState: false },
    get state(): never {
      throw new Error("nobody may ask for the state");
    },
  };
}
