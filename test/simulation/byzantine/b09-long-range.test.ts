/**
 * B09: the keys of a committee that handed over long ago come into the wrong hands, and with them a chain from the genesis
 * on is signed that handed over to themselves: longer than the region's, every block valid, every checkpoint certified by a full
 * quorum. It is shown before anything else to somebody who joins or comes back.
 *
 * Read differently: there is no city log yet, so the anchor is what a gateway holds as final: its own journal, or the
 * region's exported chain that was put on its card. Whoever has that refuses the chain. Whoever has nothing but the
 * genesis cannot tell the two apart, and takes what it is shown first; the last test says so, and that it is the anchor
 * and nothing else that helps.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import type { Block } from "#core/ledger/block.ts";
import { Chain } from "#core/ledger/chain.ts";
import { readJournal } from "#core/ledger/journal.ts";
import { decodeChainExport, exportChain } from "#records/chain-export.ts";
import { sealAndCertify } from "#test/builders/committee-votes.ts";
import { crypto, makeActor, type Actor } from "#test/builders/ledger-actors.ts";
import { LedgerBuilder, VEHICLE, VOTING_RULES } from "#test/builders/ledger-builder.ts";

const RULES = { ...VOTING_RULES, checkpointBlocks: 2, epochCheckpoints: 4 };
const AUTHORITIES = Array.from({ length: 8 }, (_, index) => makeActor(`authority ${index}`, "station"));
const LONGER_BY = 30;

const test = suite("B09 long range");
/** Made once: signing them is most of the work. */
const CHAINS = twoChains();

test("B09 a long-range chain of an old committee is refused by a joiner whose card holds the region's chain", () => {
  const { region, forged, oldCommittee } = CHAINS;
  const [rear, present] = region.state.finality.committees;
  for (const committee of [rear, present]) {
    assert.ok(
      committee?.every((did) => !oldCommittee.includes(did)),
      "the old committee has no seat any more",
    );
  }
  assert.ok(forged.chain.final.serial > region.chain.final.serial, "the forged chain is final further up");
  assert.ok(forged.chain.head.score > region.chain.head.score, "and has the greater score");

  const records = decodeChainExport(exportChain(region.chain));
  assert.ok(records.ok);
  const read = readJournal(crypto, records.value, "from anybody");
  assert.ok(read.ok);
  const { chain } = read.value;
  const before = summaryOf(chain);
  const codes = show(chain, forged);
  assert.equal(summaryOf(chain), before, "nothing has moved");
  assert.equal([...codes].sort(), ["CHAIN_CONTRADICTS_FINAL", "CHAIN_UNKNOWN_PARENT", "VOTE_UNKNOWN_TARGET"]);

  sealAndCertify(region, 6);
  const codesOfNew = show(chain, region);
  assert.not.ok(codesOfNew.has("CHAIN_CONTRADICTS_FINAL"), "and it follows the region on");
  assert.is(toHex(chain.final.id), toHex(region.chain.final.id));
});

test("B09 so does a gateway that was away since the first committee, by the one final block that it knows", () => {
  const { region, forged } = CHAINS;
  const chain = new Chain(crypto, region.genesis);
  for (const block of blocksOf(region).slice(0, 8)) assert.ok(chain.addBlock(block, undefined).ok);
  assert.ok(chain.final.serial > 0 && chain.head.state.finality.epoch === 0, `final up to ${chain.final.serial}`);
  const codes = show(chain, forged);
  assert.ok(codes.has("CHAIN_CONTRADICTS_FINAL"));
  show(chain, region);
  assert.is(toHex(chain.final.id), toHex(region.chain.final.id), "by the handoffs it finds the region's newest final");
});

test("B09 without an anchor a joiner believes the old committee's chain when it hears it first", () => {
  const { region, forged } = CHAINS;
  const chain = new Chain(crypto, region.genesis);
  show(chain, forged);
  show(chain, region);
  assert.is(toHex(chain.final.id), toHex(forged.chain.final.id));
});

test.run();

interface TwoChains {
  readonly region: LedgerBuilder;
  /** By the keys of the first committee alone. */
  readonly forged: LedgerBuilder;
  readonly oldCommittee: readonly string[];
}

/** In the region those earn histories who have no seat in the first committee; in the forged chain those who have. */
function twoChains(): TwoChains {
  const region = new LedgerBuilder({ rules: RULES, authorities: AUTHORITIES });
  const [oldCommittee = []] = region.state.finality.committees;
  const isOld = ({ did }: Actor): boolean => oldCommittee.includes(toHex(did));
  const newcomers = AUTHORITIES.filter((authority) => !isOld(authority));
  assert.equal([oldCommittee.length, newcomers.length], [4, 4]);
  giveHistories(region, newcomers);
  while (region.state.finality.epoch < 3) sealAndCertify(region, 1);
  const forged = new LedgerBuilder({ rules: RULES, authorities: AUTHORITIES });
  giveHistories(forged, AUTHORITIES.filter(isOld));
  while (forged.chain.head.serial < region.chain.head.serial + LONGER_BY) sealAndCertify(forged, 1);
  const seats = forged.state.finality.committees.flat();
  assert.ok(forged.state.finality.epoch >= 3 && seats.every((did) => oldCommittee.includes(did)));
  return { region, forged, oldCommittee };
}

function giveHistories(builder: LedgerBuilder, stations: readonly Actor[]): void {
  builder.chain.believesSignatures = true;
  builder.join(VEHICLE);
  for (const station of stations) {
    builder.submit(...builder.charge({ station, vehicle: VEHICLE }).whole({ milliWh: 2_000_000 }));
  }
}

/** Shows all blocks and certificates in their order; the codes of what was refused. */
function show(chain: Chain, of: LedgerBuilder): ReadonlySet<string> {
  const codes = new Set<string>();
  const certificates = of.chain.certificatesAbove(0);
  for (const block of blocksOf(of)) {
    const added = chain.addBlock(block, undefined);
    if (!added.ok) codes.add(added.fault.code);
    for (const each of certificates.filter(({ body }) => body.target.serial === block.header.serial)) {
      const heard = chain.addCertificate(each);
      if (!heard.ok) codes.add(heard.fault.code);
    }
  }
  return codes;
}

function blocksOf({ chain }: LedgerBuilder): readonly Block[] {
  const links = Array.from({ length: chain.head.serial }, (_, place) => chain.at(place + 1));
  return links.map((link) => link?.block).filter((block) => block !== undefined);
}

function summaryOf({ head, final, justified }: Chain): readonly string[] {
  return [head, final, justified].map(({ serial, id }) => `${serial} ${toHex(id)}`);
}
