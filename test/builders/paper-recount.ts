/**
 * The paper's rules, counted once more from an exported chain: who traded with whom, how long each history is and which
 * miner that names, whether the two amounts match, what is executed then and what that costs. Knows nothing of the
 * ledger's state, its schedule, its contracts or its tariffs, and says in words what it finds otherwise.
 */
import {
  addressOf,
  hexOf,
  isSignedBy,
  merkleRoot,
  nodeOf,
  PURPOSES,
  read,
  sha256,
  Fields,
  type ExportedBlock,
  type ExportedChain,
  type ExportedFact,
  type Node,
} from "./exported-chain.ts";
import { paperOutcome, PaperTrade, RESULT_KEYS, type PaperOutcome } from "./paper-trade.ts";

export interface PaperRecount {
  /** What the chain has and the paper has otherwise; none in a chain of the paper's rules. */
  readonly complaints: readonly string[];
  readonly miners: readonly RecountedMiner[];
  readonly outcomes: readonly (PaperOutcome & { readonly serial: number; readonly address: string })[];
}

export interface RecountedMiner {
  readonly serial: number;
  readonly miner: string;
  /** Among whom the longest history was looked for. */
  readonly among: "relatives" | "all" | "others" | "authorities";
  /** Their different histories, longest first: more than one makes it a choice. */
  readonly histories: readonly number[];
}

export function recountPaper(chain: ExportedChain): PaperRecount {
  const recount = new Recount(chain);
  for (const block of chain.blocks) recount.take(block);
  return recount;
}

class Recount implements PaperRecount {
  readonly complaints: string[] = [];
  readonly miners: RecountedMiner[] = [];
  readonly outcomes: (PaperOutcome & { readonly serial: number; readonly address: string })[] = [];
  readonly #chain: ExportedChain;
  readonly #nodes = new Map<string, Node>();
  /** By address, in the order of the blocks, in a block by address. */
  readonly #trades = new Map<string, PaperTrade>();
  #serial = 0;
  #id: string;
  #sealedAt: number;

  constructor(chain: ExportedChain) {
    this.#chain = chain;
    this.#id = chain.genesisId;
    this.#sealedAt = chain.startedAt;
    for (const node of chain.authorities) this.#nodes.set(node.did, node);
  }

  take(block: ExportedBlock): void {
    this.#serial += 1;
    this.#checkLink(block);
    this.#checkMiner(block);
    for (const fact of block.facts.filter(({ purpose }) => purpose === PURPOSES.JOIN)) this.#join(fact);
    const opened = block.facts.filter(({ purpose }) => purpose === PURPOSES.OPEN).map((fact) => this.#open(fact));
    for (const [address, trade] of [...opened].sort(([one], [other]) => (one < other ? -1 : 1))) {
      this.#trades.set(address, trade);
    }
    for (const fact of block.facts) this.#hear(fact, block.header.number(12));
    this.#checkResults(block);
    this.#id = block.id;
    this.#sealedAt = block.header.number(12);
  }

  /** III.B: list, previous hash, serial, miner's id and signature; once each T. */
  #checkLink({ header, signed, facts, results }: ExportedBlock): void {
    const { rules } = this.#chain;
    this.#expect(header.number(3) === this.#serial, `serial ${header.number(3)}`);
    this.#expect(header.hex(4) === this.#id, "another block before it");
    this.#expect(header.hex(5) === hexOf(merkleRoot(facts.map(({ id }) => Buffer.from(id, "hex")))), "another list");
    this.#expect(header.hex(6) === hexOf(merkleRoot(results)), "other results");
    this.#expect(isSignedBy(signed, [this.#nodes.get(header.hex(9))?.key]), "not signed by its miner");
    this.#expect(header.number(12) >= this.#sealedAt + rules.number(2), `before its time T`);
    this.#expect(!header.keys().some((key) => [13, 16, 17].includes(key)), "with votes, which the paper does not have");
  }

  /**
   * II.C, III.B: the highest transaction history among the nodes relative to the EV and the station that trade, of at
   * least L, and nobody who trades; equal ones by a hash. What the paper leaves open: nobody trades (all are looked at),
   * no relative is free (the others), nobody has L (the authorities).
   */
  #checkMiner({ header }: ExportedBlock): void {
    const trading = [...this.#trades.values()].filter(({ isOver }) => !isOver);
    const settled = [...this.#trades.values()].filter(({ outcome }) => outcome?.state === "SETTLED");
    const lengthOf = (did: string): number => settled.filter(({ parties }) => parties.includes(did)).length;
    const busy = new Set(trading.filter(({ isEnding }) => !isEnding).flatMap(({ parties }) => parties));
    const free = [...this.#nodes.keys()].filter((did) => !busy.has(did));
    const able = free.filter((did) => lengthOf(did) >= this.#chain.rules.number(7));
    const traders = trading[0]?.parties;
    const relatives = able.filter((did) =>
      settled.some(({ parties: [one, other] }) =>
        did === one ? traders?.includes(other) : did === other && traders?.includes(one),
      ),
    );
    const authorities = this.#chain.authorities.map(({ did }) => did).filter((did) => free.includes(did));
    const among = (
      [
        ["relatives", relatives],
        [traders === undefined ? "all" : "others", able],
        ["authorities", authorities],
      ] as const
    ).find(([, dids]) => dids.length > 0) ?? ["authorities", []];
    const drawOf = (did: string): string => hexOf(sha256(Buffer.from(this.#id, "hex"), Buffer.from(did, "hex")));
    const [named] = [...among[1]].sort(
      (one, other) => lengthOf(other) - lengthOf(one) || (drawOf(one) < drawOf(other) ? -1 : 1),
    );
    const [miner, serial] = [header.hex(9), this.#serial];
    this.#expect(miner === named, `mined by ${miner.slice(0, 8)}, the paper names ${named?.slice(0, 8) ?? "nobody"}`);
    const histories = [...new Set(among[1].map(lengthOf))].sort((one, other) => other - one);
    this.miners.push({ serial, miner, among: among[0], histories });
  }

  /** III.A: the id is the hash of what names the key, and who shares it has it. */
  #join(fact: ExportedFact): void {
    const node = nodeOf(fact.body.bytes(3));
    this.#expect(isSignedBy(fact.signed, [node.key]), "a key shared by somebody else");
    this.#nodes.set(node.did, node);
  }

  /** III.A: signed by both, each with the key of its own id. */
  #open(fact: ExportedFact): readonly [address: string, trade: PaperTrade] {
    const trade = new PaperTrade(fact);
    const keys = [fact.body.hex(3), fact.body.hex(4)].map((did) => this.#nodes.get(did)?.key);
    this.#expect(isSignedBy(fact.signed, keys), "a contract not signed by both");
    return [addressOf(this.#chain.network, fact), trade];
  }

  /** III.C, II.D: the reports and the completions, each signed by its own side, each report behind the one before. */
  #hear(fact: ExportedFact, now: number): void {
    if (!SESSION.includes(fact.purpose)) return;
    const trade = this.#trades.get(fact.body.hex(1));
    const side = fact.body.number(2) === 1 ? "station" : "vehicle";
    const isOwn = isSignedBy(fact.signed, [this.#nodes.get(trade?.[side] ?? "")?.key]);
    this.#expect(trade !== undefined && isOwn, `a word not signed by the ${side}`);
    const complaint = trade?.hear(fact, side, now);
    this.#expect(complaint === undefined, complaint ?? "");
  }

  /** II.D, II.E, III.B: what is compared and executed stands in the block in which it can first be known. */
  #checkResults({ header, results }: ExportedBlock): void {
    const found = new Map(results.map((encoded) => new Fields(read(encoded))).map((body) => [body.hex(1), body]));
    for (const [address, trade] of this.#trades) {
      const outcome = paperOutcome(trade, header.number(12));
      const isNew = outcome !== undefined && !trade.isOver;
      const result = found.get(address);
      this.#expect(isNew === (result !== undefined), `a result of ${address.slice(0, 8)} too early, too late or twice`);
      if (!isNew) continue;
      for (const [name, key] of Object.entries(RESULT_KEYS)) {
        const [stands, counted] = [result?.number(key), outcome.fields[key]];
        const isRight = stands !== undefined && Math.abs(stands - (counted ?? Number.NaN)) <= roundingOf(key);
        this.#expect(isRight, `${name} of ${address.slice(0, 8)} is ${stands}, the paper's rules make it ${counted}`);
      }
      trade.outcome = outcome;
      this.outcomes.push({ ...outcome, serial: this.#serial, address });
    }
  }

  #expect(holds: boolean, complaint: string): void {
    if (!holds) this.complaints.push(`block ${this.#serial}: ${complaint}`);
  }
}

const SESSION: readonly number[] = [PURPOSES.REPORT, PURPOSES.COMPLETE, PURPOSES.CANCEL];

/** Difference and limit are counted here with fractions, in the ledger with whole ppm; all else is exact. */
function roundingOf(key: number): number {
  return key === RESULT_KEYS.differencePpm || key === RESULT_KEYS.rejectionLimitPpm ? 2 : 0;
}
