/**
 * A game of votes: blocks are added anywhere, any of the certificates that exist are put into them, honest members vote
 * by the rule for what they happen to look at, liars vote for every link that anybody votes for. Each epoch has four
 * members of its own besides the liars, so that a handoff has nobody in common but them. Governors may strike some of a
 * committee at any time, whom they take for gone and who go on all the same, and name others.
 */
import { toHex } from "#base/bytes.ts";
import { afterBlock, selectCertificates } from "#core/finality/advance.ts";
import type { Checkpoint } from "#core/finality/checkpoint.ts";
import { contradict } from "#core/finality/contradiction.ts";
import {
  committeesOf,
  finalityOfGenesis,
  findCheckpoint,
  seatsOf,
  type FinalityState,
} from "#core/finality/finality-state.ts";
import { makeCertificate, type QuorumCertificate } from "#core/finality/quorum-certificate.ts";
import { nextVote, NO_VOTES, registerOf, type Link, type VoteRegister } from "#core/finality/vote-rule.ts";
import type { Vote } from "#core/finality/vote.ts";
import { afterGovernors } from "#core/governance/advance-governance.ts";
import { NO_DECISIONS, votersBeside } from "#core/governance/governance.ts";
import { SeededRandom } from "#hal/mock/seeded-random.ts";
import { named } from "./ledger-actors.ts";

const RULES = { checkpointBlocks: 2, epochCheckpoints: 1 };
const MEMBERS = 4;
const NETWORK = named("voting game").subarray(0, 8);

interface GameBlock extends Checkpoint {
  readonly key: string;
  readonly parent: GameBlock | undefined;
  /** The finality of the chain that ends in it. */
  readonly finality: FinalityState;
}

interface GameLink {
  readonly link: Link;
  readonly from: GameBlock;
  readonly to: GameBlock;
  readonly votes: Vote[];
  /** Of these votes, once they are a quorum. */
  certificate: QuorumCertificate | undefined;
}

export class VotingGame {
  readonly #random: SeededRandom;
  readonly #liars: readonly string[];
  readonly #struck: number | undefined;
  readonly #blocks: GameBlock[] = [];
  readonly #links = new Map<string, GameLink>();
  readonly #registers = new Map<string, VoteRegister>();
  readonly #allVotes: Vote[] = [];
  /** Blocks in which governors have named a committee. */
  reconfigs = 0;

  /**
   * @param liars how many of the four members of each committee lie; the same ones in all of them
   * @param struck how many of the four governors strike when they name a committee; without it they never do
   */
  constructor(seed: number, liars: number, struck?: number) {
    this.#random = new SeededRandom(seed);
    this.#struck = struck;
    this.#liars = Array.from({ length: liars }, (_, index) => toHex(named(`liar ${index}`)));
    const id = named("genesis of the game");
    const first = finalityOfGenesis(RULES, id, this.#committee("the first"));
    const finality = struck === undefined ? first : { ...first, governance: NO_DECISIONS };
    this.#blocks.push({ serial: 0, id, key: toHex(id), parent: undefined, finality });
  }

  play(turns: number): this {
    for (let turn = 0; turn < turns; turn += 1) {
      if (this.#random.next() < 0.16) this.#addBlock(turn);
      else this.#castVote();
    }
    return this;
  }

  isLiar(did: string): boolean {
    return this.#liars.includes(did);
  }

  /** Ids of the checkpoints that are final by all votes together. */
  finals(): readonly string[] {
    const justified = this.#justified();
    return this.#certified()
      .filter(({ from, to }) => justified.has(from.key) && to.serial === from.serial + RULES.checkpointBlocks)
      .map(({ from }) => from.key)
      .concat(this.#root.key)
      .filter((key, place, all) => all.indexOf(key) === place);
  }

  /** Ids of the checkpoints that some chain by itself says are final. */
  finalsOfChains(): readonly string[] {
    return this.#blocks.map(({ finality }) => toHex(finality.final.id));
  }

  /** Pairs of finals neither of which descends from the other. */
  conflicts(): readonly (readonly [string, string])[] {
    const finals = this.finals().map((key) => this.#blocks.find((block) => block.key === key) ?? this.#root);
    return finals.flatMap((one, place) =>
      finals
        .slice(place + 1)
        .filter((other) => !isAncestor(one, other) && !isAncestor(other, one))
        .map((other): readonly [string, string] => [one.key, other.key]),
    );
  }

  epochMax(): number {
    return Math.max(...this.#blocks.map(({ finality }) => finality.epoch));
  }

  /** Members of whom two votes contradict. */
  guilty(votes: readonly Vote[] = this.#allVotes): readonly string[] {
    const dids = new Set(votes.map(({ body }) => toHex(body.member)));
    return [...dids].filter((did) => {
      const own = votes.filter(({ body }) => toHex(body.member) === did);
      return own.some((left) => own.some((right) => contradict(left.body, right.body)));
    });
  }

  /** How many are proven guilty by the certificates alone, without which nothing would be final. */
  guiltyOfConflict(): number {
    return this.guilty(this.#certified().flatMap(({ votes }) => votes)).length;
  }

  get #root(): GameBlock {
    const [root] = this.#blocks;
    if (root === undefined) throw new Error("bug: a game has a genesis");
    return root;
  }

  #committee(name: string): readonly string[] {
    const honest = Array.from({ length: MEMBERS - this.#liars.length }, (_, index) => toHex(named(`${name} ${index}`)));
    return [...this.#liars, ...honest];
  }

  #addBlock(turn: number): void {
    // Mostly at the end of a branch: a tree of stubs would have no heights to vote for.
    const recent = this.#blocks.slice(-2);
    const parent = this.#pick(this.#random.next() < 0.85 ? recent : this.#blocks) ?? this.#root;
    const certificates = this.#certified().flatMap(({ certificate }) => certificate ?? []);
    const held = certificates.filter(() => this.#random.next() < 0.8);
    const id = named(`block ${turn}`);
    const serial = parent.serial + 1;
    const governed = this.#reconfigured(parent.finality, serial);
    const reached = afterBlock(governed ?? parent.finality, RULES, {
      serial,
      id,
      certificates: governed === undefined ? selectCertificates(parent.finality, RULES, held) : [],
      chosen: parent.finality.boundary === serial ? this.#committee(`named in block ${turn}`) : undefined,
    });
    const finality = afterGovernors(reached, RULES, { serial, epochBefore: parent.finality.epoch });
    this.#blocks.push({ serial, id, key: toHex(id), parent, finality });
  }

  /** Now and then, what governors say about the last final checkpoint: of one the same to everybody. */
  #reconfigured(finality: FinalityState, serial: number): FinalityState | undefined {
    const { governance, final, epoch } = finality;
    if (governance === undefined || this.#struck === undefined || this.#random.next() > 0.3) return undefined;
    const last = governance.reconfigs.at(-1);
    const isTaken = governance.reconfigs.some(({ checkpoint }) => checkpoint.serial === final.serial);
    if (isTaken || (last !== undefined && last.serial >= final.serial)) return undefined;
    const before = committeesOf(finality, epoch) ?? { forward: [], rear: [] };
    const key = `reconfig of ${toHex(final.id)}`;
    const others = Array.from({ length: this.#struck }, (_, index) => toHex(named(`${key} ${index}`)));
    const committee = [...before.forward.slice(0, MEMBERS - this.#struck), ...others];
    const beside = votersBeside(before, committee);
    const begun = { id: named(key), checkpoint: final, serial, epoch: epoch + 1, committee, ...beside };
    this.reconfigs += 1;
    return { ...finality, governance: { ...governance, reconfigs: [...governance.reconfigs, begun].slice(-2) } };
  }

  /** Somebody looks at some chain, and at some of what is justified on it, and votes if the rule lets it. */
  #castVote(): void {
    const checkpoints = this.#blocks.filter(({ serial }) => serial > 0 && serial % RULES.checkpointBlocks === 0);
    // Mostly what is newest, as if they heard of one another, and else anything.
    const to = this.#pick(this.#random.next() < 0.7 ? checkpoints.slice(-1) : checkpoints.slice(-6));
    if (to === undefined) return;
    const justified = this.#justified();
    const sources = [...ancestors(to)].filter(({ key }) => justified.has(key));
    const from = this.#random.next() < 0.8 ? sources[0] : this.#pick(sources);
    const epoch = findCheckpoint(to.finality, to)?.epoch ?? 0;
    const committees = committeesOf(to.finality, epoch);
    const member = this.#pick(committees === undefined ? [] : seatsOf(committees));
    if (member === undefined || from === undefined || this.isLiar(member)) return;
    const view = { source: { serial: from.serial, id: from.id }, target: { serial: to.serial, id: to.id } };
    const link = nextVote(this.#registers.get(member) ?? NO_VOTES, view);
    if (link === undefined) return;
    this.#registers.set(member, registerOf(link));
    const place = `${from.key}:${to.key}`;
    const known = this.#links.get(place) ?? { link, from, to, votes: [], certificate: undefined };
    const voters = known.votes.length === 0 ? [...this.#liars, member] : [member];
    const votes = voters.map((did) => voteOf(link, did, epoch));
    known.votes.push(...votes);
    known.certificate = makeCertificate(to.finality, known.votes);
    this.#links.set(place, known);
    this.#allVotes.push(...votes);
  }

  /** Links with a quorum, in the order of their targets. */
  #certified(): readonly GameLink[] {
    return [...this.#links.values()]
      .filter(({ certificate }) => certificate !== undefined)
      .sort((left, right) => left.to.serial - right.to.serial);
  }

  #justified(): ReadonlySet<string> {
    const justified = new Set([this.#root.key]);
    for (const { from, to } of this.#certified()) if (justified.has(from.key)) justified.add(to.key);
    return justified;
  }

  #pick<Each>(all: readonly Each[]): Each | undefined {
    return all[Math.floor(this.#random.next() * all.length)];
  }
}

function voteOf(link: Link, did: string, epoch: number): Vote {
  const member = Uint8Array.from(did.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
  const body = { network: NETWORK, epoch, ...link, member };
  const nothing = new Uint8Array();
  return { body, bytes: nothing, payload: nothing, signature: new Uint8Array(64), key: "" };
}

function* ancestors(block: GameBlock): Generator<GameBlock> {
  for (let at = block.parent; at !== undefined; at = at.parent) yield at;
}

function isAncestor(low: GameBlock, high: GameBlock): boolean {
  return low === high || [...ancestors(high)].includes(low);
}
