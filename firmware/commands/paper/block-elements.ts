/** What the paper says of a block, shown on one, and of the chain that the blocks form. */
import { equalBytes, toHex } from "#base/bytes.ts";
import { shortDeviceId } from "#core/identity/device-id.ts";
import type { ChainLink } from "#core/ledger/chain.ts";
import type { Block } from "#core/ledger/block.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { idOf } from "#core/wire/signed.ts";
import { shortId } from "#records/quantity-text.ts";
import type { PaperElement } from "./paper-element.ts";
import { beginning, type PaperTour } from "./paper-tour.ts";

export function blockElements(tour: PaperTour): readonly PaperElement[] {
  const shown = shownBlock(tour);
  return [
    ...(shown === undefined ? [] : [parts(shown, tour.trading.get(shown.header.serial) ?? [])]),
    links(tour),
    sameLedger(tour),
    forgery(tour),
  ];
}

/** The one with the result of the charge, or else the newest with facts. */
function shownBlock({ links: all, charge }: PaperTour): Block | undefined {
  const sealing = all.find(({ serial }) => serial === charge?.resultIn);
  return (sealing ?? [...all].reverse().find(({ block }) => (block?.facts.length ?? 0) > 0))?.block;
}

/** The paper's list is of contracts; a block does not repeat them, but has what was said about each since the last. */
function parts({ header, facts, signature, key }: Block, trading: readonly string[]): PaperElement {
  return {
    section: "III.B",
    name: "block: list of the contracts in trading, hash of the previous block, serial number, miner's ID, signature",
    where: "header keys 5 (root of the list), 4, 3 and 9, and its signature",
    found: [
      `block ${key}`,
      `contracts in trading: ${trading.length === 0 ? "none" : trading.map((each) => each.slice(0, 12)).join(", ")}`,
      `said about them: ${facts.length} facts: ${facts.map(({ kind }) => kind).join(", ")}`,
      `previous ${toHex(header.previous)}`,
      `serial ${header.serial}`,
      `miner ${shortDeviceId(header.miner)} (${beginning(header.miner)})`,
      `signature ${beginning(signature)}, by the key of this miner`,
    ],
  };
}

/** Hashes and serials once more, although a chain that is shown was verified. */
function links({ chain, links: all }: PaperTour): PaperElement {
  const { crypto, network } = chain.context;
  const isLinked = ({ block, parent }: ChainLink): boolean => {
    if (block === undefined || parent === undefined) return false;
    const { header, headerPayload } = block;
    return (
      equalBytes(header.previous, parent.id) &&
      header.serial === parent.serial + 1 &&
      equalBytes(block.id, idOf(crypto, network, PURPOSE.HEADER, headerPayload))
    );
  };
  const good = all.filter(isLinked).length;
  return {
    section: "III.B, III.A",
    name: "each block holds the hash (SHA-256) of the one before, the serial grows by 1",
    where: "header keys 3 and 4 against the block before",
    found: [`${good} of ${all.length} links hold, from the genesis ${shortId(chain.genesis.id)} on`],
  };
}

/** A verified chain holds none: what is shown here is that it was looked for, and what was found of double words. */
function forgery({ facts, links: all }: PaperTour): PaperElement {
  const shown = facts.flatMap(({ fact, serial }) => (fact.kind === "EVIDENCE" ? [serial] : []));
  return {
    section: "I",
    name: "it is possible to know when the ledger is forged by a certain node",
    where: "hashes, signatures, miners and results, computed again by whoever reads; EVIDENCE, two words of one node",
    found: [
      `${all.length} blocks computed again: \`verify\` names a changed one, and its signature says whose it is`,
      shown.length === 0
        ? "no node was shown to have signed two words that contradict each other"
        : `nodes shown to have signed two contradicting words: in blocks ${shown.join(", ")}`,
    ],
  };
}

function sameLedger({ chain }: PaperTour): PaperElement {
  const { serial, id } = chain.head;
  return {
    section: "I",
    name: "every node has the same ledger",
    where: "the head's id, to be held against that of any other node: `show chain`, `verify`",
    found: [`block ${serial}, ${toHex(id)}`],
  };
}
