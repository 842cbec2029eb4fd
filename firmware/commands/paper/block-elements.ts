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
  return [...(shown === undefined ? [] : [parts(shown)]), links(tour), sameLedger(tour)];
}

/** The one with the result of the charge, or else the newest with facts. */
function shownBlock({ links: all, charge }: PaperTour): Block | undefined {
  const sealing = all.find(({ serial }) => serial === charge?.resultIn);
  return (sealing ?? [...all].reverse().find(({ block }) => (block?.facts.length ?? 0) > 0))?.block;
}

function parts({ header, facts, signature, key }: Block): PaperElement {
  return {
    section: "III.B",
    name: "block: transaction list, hash of the previous block, serial number, miner's ID and signature",
    where: "header keys 5 (root of the list), 4, 3 and 9, and its signature",
    found: [
      `block ${key}`,
      `transaction list: ${facts.length} facts: ${facts.map(({ kind }) => kind).join(", ")}`,
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

function sameLedger({ chain }: PaperTour): PaperElement {
  const { serial, id } = chain.head;
  return {
    section: "I",
    name: "every node has the same ledger",
    where: "the head's id, to be held against that of any other node: `show chain`, `verify`",
    found: [`block ${serial}, ${toHex(id)}`],
  };
}
