/** What the elements are found in: the blocks of a chain, and one charge of it with the block that holds each fact. */
import { equalBytes, toHex } from "#base/bytes.ts";
import { openedAddress } from "#core/handshake/transaction-address.ts";
import type { Chain, ChainLink } from "#core/ledger/chain.ts";
import { isSessionFact, type Fact, type OpenFact } from "#core/ledger/fact.ts";
import { knownCharge } from "#records/charge-in-blocks.ts";
import { viewOfCharge, type ReceiptView } from "#records/receipt-view.ts";

export interface PaperTour {
  readonly chain: Chain;
  /** With a block each; the genesis is not among them. */
  readonly links: readonly ChainLink[];
  readonly facts: readonly PlacedFact[];
  /** By a block's serial, the addresses in hex of the contracts in trading before it; absent where there are none. */
  readonly trading: ReadonlyMap<number, readonly string[]>;
  /** Undefined while no block holds a contract. */
  readonly charge: TouredCharge | undefined;
}

export interface PlacedFact {
  readonly fact: Fact;
  /** Of its block. */
  readonly serial: number;
}

export interface TouredCharge {
  readonly view: ReceiptView;
  readonly open: PlacedFact & { readonly fact: OpenFact };
  /** Those that name its address, in the order of the blocks. */
  readonly facts: readonly PlacedFact[];
  /** Serial of the block with the newest result. */
  readonly resultIn: number | undefined;
}

/** @param address of the charge that is shown; the newest one with a result, or else the newest, if not given */
export function paperTour(chain: Chain, address: Uint8Array | undefined): PaperTour {
  const links = Array.from({ length: chain.head.serial }, (_, place) => chain.at(place + 1)).filter(
    (link): link is ChainLink => link?.block !== undefined,
  );
  const facts = links.flatMap(({ block, serial }) => (block?.facts ?? []).map((fact) => ({ fact, serial })));
  const shown = address ?? newestCharge(chain, links);
  const charge = shown === undefined ? undefined : touredCharge(chain, facts, shown);
  return { chain, links, facts, trading: tradingOf(chain, links), charge };
}

/** Counted from the blocks: the states of a long chain are not at hand. */
function tradingOf({ context }: Chain, links: readonly ChainLink[]): PaperTour["trading"] {
  const open = new Set<string>();
  const trading = new Map<number, readonly string[]>();
  for (const { serial, block, results } of links) {
    if (open.size > 0) trading.set(serial, [...open]);
    for (const fact of block?.facts ?? []) {
      if (fact.kind !== "OPEN") continue;
      open.add(toHex(openedAddress(context, fact)));
    }
    for (const { address } of results) open.delete(toHex(address));
  }
  return trading;
}

function newestCharge(chain: Chain, links: readonly ChainLink[]): Uint8Array | undefined {
  const ended = links.flatMap(({ results }) => results.map((result) => result.address)).at(-1);
  return ended ?? [...chain.head.state.transactions.entries().values()].at(-1)?.address;
}

function touredCharge(chain: Chain, facts: readonly PlacedFact[], address: Uint8Array): TouredCharge | undefined {
  const view = viewOfCharge(chain, address);
  const openId = knownCharge(chain, address)?.openId ?? new Uint8Array();
  const open = facts.find(
    (each): each is TouredCharge["open"] => each.fact.kind === "OPEN" && equalBytes(each.fact.id, openId),
  );
  if (view === undefined || open === undefined) return undefined;
  const own = facts.filter(({ fact }) => isSessionFact(fact) && equalBytes(fact.body.address, address));
  return { view, open, facts: own, resultIn: view.sealed?.serial };
}

/** Enough of an id, a key or a signature to find it by. */
export function beginning(bytes: Uint8Array): string {
  return `${toHex(bytes.subarray(0, 8))}…`;
}
