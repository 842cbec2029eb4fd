/** A RECONFIG that has had its time, shown again by those whom it named: their keys may be anybody's by now. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { encodeCertificate } from "#core/finality/quorum-certificate.ts";
import { signVote } from "#core/finality/vote.ts";
import { keysOf } from "#core/ledger/membership.ts";
import type { LedgerRules } from "#core/ledger/rules.ts";
import { shownReconfig } from "#core/ledger/shown-reconfig.ts";
import {
  afterHandoff,
  handoff,
  trustOfGenesis,
  trustOfState,
  type Handoff,
  type TrustedCommittee,
} from "#core/ledger/trusted-committee.ts";
import { vouched, vouchedBy } from "#core/ledger/vouched.ts";
import { decodeCbor, encodeCbor, isList, isMap, type CborValue } from "#core/wire/cbor.ts";
import { decodeShape, encodeShape } from "#core/wire/schema.ts";
import { checkFinalityProof, makeFinalityProof } from "#records/finality-proof.ts";
import { linkAt, sealAndCertify } from "#test/builders/committee-votes.ts";
import { GOVERNORS, reconfigFact } from "#test/builders/governors.ts";
import { crypto, makeActor } from "#test/builders/ledger-actors.ts";
import { LedgerBuilder, VOTING_RULES } from "#test/builders/ledger-builder.ts";

const test = suite("old reconfig");
const RULES: LedgerRules = { ...VOTING_RULES, checkpointBlocks: 2, epochCheckpoints: 4 };
const VOTERS = [1, 2, 3, 4].map((number) => makeActor(`voter ${number}`, "station"));
const NEW = [1, 2, 3].map((number) => makeActor(`new voter ${number}`, "station"));

interface Shown {
  readonly builder: LedgerBuilder;
  /** Whom those believe who have followed all links. */
  readonly trust: TrustedCommittee;
  /** The link of the RECONFIG, vouched for by those whom it names, as if they voted in the next epoch. */
  readonly again: Handoff;
}

function shownAgain(): Shown {
  const builder = new LedgerBuilder({ rules: RULES, authorities: VOTERS, governors: GOVERNORS });
  const { chain, genesis } = builder;
  const { network } = genesis;
  builder.join(...NEW);
  sealAndCertify(builder, 8);
  builder.seal();
  const named = NEW.map(({ did }) => did);
  builder.submit(reconfigFact(network, chain.final, named));
  builder.seal({ certificates: [] });
  while (builder.state.finality.epoch < 3) sealAndCertify(builder, 1);
  let trust = trustOfGenesis({ crypto, genesis });
  let link: Handoff | undefined;
  for (const encoded of chain.handoffs.from(0)) {
    const [read, next] = [decodeShape(handoff, encoded), afterHandoff({ crypto, genesis }, trust, encoded)];
    assert.ok(read.ok && next.ok);
    if (read.value.reconfigured !== undefined) link = read.value;
    trust = next.value;
  }
  const { serial } = chain.head.state.finality.governance?.reconfigs.at(-1) ?? { serial: 0 };
  const { id } = linkAt(builder, serial);
  const behind = linkAt(builder, Math.ceil((serial + 1) / 2) * 2);
  const said = {
    ...{ network, epoch: trust.epoch + 1, source: { serial: behind.serial, id: behind.id } },
    target: { serial: behind.serial + 2, id: new Uint8Array(32).fill(7) },
  };
  const votes = NEW.map(({ did, signer }) => signVote({ crypto, network }, { ...said, member: did }, signer));
  const signatures = votes.map(({ signature }) => signature);
  const vouched = vouchedBy(
    chain,
    { serial, id },
    encodeCertificate({ ...said, seats: Uint8Array.of(0b111), signatures }),
  );
  assert.ok(link && vouched);
  return { builder, trust, again: { ...link, vouched, rotations: [] } };
}

test("who was named once cannot take over from a later committee by the same decision", () => {
  const { builder, trust, again } = shownAgain();
  const context = { crypto, genesis: builder.genesis };
  for (const trusted of [trust, { ...trustOfState(builder.chain.final.state), epoch: trust.epoch }]) {
    const taken = afterHandoff(context, trusted, encodeShape(handoff, again));
    assert.equal(taken.ok ? "taken" : taken.fault.code, "FINALITY_NOT_PROVEN");
  }
});

test("nor make a receipt final", () => {
  const { builder, again } = shownAgain();
  const { chain, genesis } = builder;
  const block = linkAt(builder, chain.final.serial).block;
  const made = block && makeFinalityProof(chain, block);
  const read = made && decodeCbor(made.bytes);
  assert.ok(block && read?.ok && isMap(read.value));
  const [links, reconfigured] = [read.value.get(2), again.reconfigured];
  assert.ok(links !== undefined && isList(links) && reconfigured);
  const link = new Map<number, CborValue>([
    [1, again.boundary],
    [2, NEW.map(({ did }) => did)],
    [3, vouched.write(again.vouched)],
    [4, shownReconfig.write(reconfigured)],
  ]);
  const proof = encodeCbor(new Map(read.value).set(2, [...links, link]));
  const context = { crypto, genesis, keysOf: (did: string) => keysOf(builder.state, did) };
  const checked = checkFinalityProof(context, { serial: block.header.serial, id: block.id }, proof);
  assert.match(checked.ok ? "" : checked.fault.reason, /earlier epoch/);
});

test.run();
