/**
 * Gateways that are production gateways but for one behaviour. What they send reaches every site, whatever link is cut:
 * a liar has lines of its own.
 */
import { toHex } from "#base/bytes.ts";
import type { MessageBus } from "#core/mesh/message-bus.ts";
import { decodeWrapper, encodeWrapper } from "#core/mesh/wrapper.ts";
import { blockAnnouncement, shortIdsOf, syncReply } from "#core/mesh/sync-messages.ts";
import { decodeShape, encodeShape } from "#core/wire/schema.ts";
import { schedule, slotOf, type Tier } from "#core/ledger/schedule.ts";
import { sealBlock, type Seal } from "#core/ledger/seal-block.ts";
import type { Block } from "#core/ledger/block.ts";
import { decodeFact, encodeFact } from "#core/ledger/fact.ts";
import { reportBody } from "#core/session/facts.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { encodeSigned, toBeSigned } from "#core/wire/signed.ts";
import type { FaultCounts, FaultKind } from "./fault-counts.ts";
import type { RegionNode } from "./region-node.ts";

interface LieForm {
  readonly what: string;
  /** Whether a gateway of this name can tell it. */
  readonly suits: (name: string) => boolean;
  /** What a run with it can be expected to count. */
  readonly fires: FaultKind;
}

const isStation = (name: string): boolean => name.startsWith("station");
const isCar = (name: string): boolean => name.startsWith("car");

export const LIES = {
  "shows more": { what: "its meter shows a fifth more than flows", suits: isStation, fires: "lying station" },
  "shows less": { what: "its battery is said to have received a quarter less", suits: isCar, fires: "lying vehicle" },
  withholds: {
    what: "it signs its words about a charge and says none of them after the first few",
    suits: () => true,
    fires: "withheld facts",
  },
  "seals twice": {
    what: "it seals two blocks in a slot, each for half of the ears",
    suits: () => true,
    fires: "two blocks in a slot",
  },
  "votes everywhere": {
    what: "it casts every vote that there can be, on every branch, whatever it has voted",
    suits: isStation,
    fires: "double vote",
  },
  "votes on each side": {
    what: "on each branch it casts the one vote that an honest voter there would cast",
    suits: isStation,
    fires: "double vote",
  },
  "invents charges": {
    what: "it publishes reports about contracts that there are not",
    suits: () => true,
    fires: "invented fact",
  },
  "seals out of turn": {
    what: "it seals when another one is due, with that rank or its own",
    suits: () => true,
    fires: "out of turn",
  },
} as const satisfies Readonly<Record<string, LieForm>>;

export type Lie = keyof typeof LIES;

/** So many words of a charge a withholding side says, and no more of that charge for ever. */
const WORDS_BEFORE_SILENCE = 3;

export interface LieParts {
  readonly lie: Lie;
  readonly counts: FaultCounts;
}

/** The gateway's line to the mesh, bent as its lie has it. */
export function bentBus(bus: MessageBus, node: RegionNode, { lie, counts }: LieParts): MessageBus {
  switch (lie) {
    case "withholds":
      return withholding(bus, node, counts);
    case "seals twice":
      return sealingTwice(bus, node, counts);
    case "seals out of turn":
      return sealingOutOfTurn(bus, node, counts);
    case "shows more":
    case "shows less":
      return bus;
    case "invents charges":
      return inventing(bus, node, counts);
    case "votes everywhere":
    case "votes on each side":
      return votingOnly(bus);
  }
}

/** Nor are they in its blocks and answers: else everybody would have them by asking. */
function withholding(bus: MessageBus, node: RegionNode, counts: FaultCounts): MessageBus {
  const said = new Map<string, Set<string>>();
  let hasWithheld = false;
  const isSilentAbout = (payload: Uint8Array): boolean => {
    const context = node.running?.ledger.chain.context;
    const wrapped = decodeWrapper(payload);
    const fact = context !== undefined && wrapped.ok ? decodeFact(context, wrapped.value.object) : undefined;
    if (fact?.ok !== true || !("address" in fact.value.body)) return false;
    const address = toHex(fact.value.body.address);
    const words = said.get(address) ?? new Set();
    said.set(address, words.add(fact.value.key));
    return [...words].indexOf(fact.value.key) >= WORDS_BEFORE_SILENCE;
  };
  return {
    close: () => bus.close(),
    publish: (topic, payload, options) => {
      const isWord = topic.endsWith("/tx/rep") || topic.endsWith("/tx/fin");
      const isHeld = isWord
        ? isSilentAbout(payload)
        : hasWithheld && (topic.endsWith("/blk") || isSyncReply(topic, payload));
      if (!isHeld) {
        bus.publish(topic, payload, options);
        return;
      }
      hasWithheld = true;
      counts.count("withheld facts");
    },
  };
}

/**
 * Its votes go to each gateway apart (`voting-lies.ts`). It stands on both sides of a partition and must not bring them
 * together: by itself it says nothing but that it is a member.
 */
function votingOnly(bus: MessageBus): MessageBus {
  return {
    close: () => bus.close(),
    publish: (topic, payload, options) => {
      if (topic.endsWith("/tx/mem")) bus.publish(topic, payload, options);
    },
  };
}

function isSyncReply(topic: string, payload: Uint8Array): boolean {
  const wrapped = topic.includes("/r/") ? decodeWrapper(payload) : undefined;
  return wrapped?.ok === true && decodeShape(syncReply, wrapped.value.object).ok;
}

/** Beside each block of its own another one of the same slot, without one of its facts or of another second. */
function sealingTwice(bus: MessageBus, node: RegionNode, counts: FaultCounts): MessageBus {
  return {
    close: () => bus.close(),
    publish: (topic, payload, options) => {
      const own = topic.endsWith("/blk") ? ownHead(node) : undefined;
      const other = own === undefined ? undefined : twinOf(node, own);
      // Whoever hears the twin first builds on that one.
      if (other !== undefined && (own?.header.serial ?? 0) % 2 === 0) announce(bus, topic, other, options);
      bus.publish(topic, payload, options);
      if (other === undefined) return;
      counts.count("two blocks in a slot");
      announce(bus, topic, other, options);
    },
  };
}

/** Tries each time it hears of a head: with a rank that is not its own, and a second early. */
function sealingOutOfTurn(bus: MessageBus, node: RegionNode, counts: FaultCounts): MessageBus {
  return {
    close: () => bus.close(),
    publish: (topic, payload, options) => {
      bus.publish(topic, payload, options);
      if (!/\/tip\//.test(topic)) return;
      const block = stolenTurn(node);
      if (block === undefined) return;
      counts.count("out of turn");
      announce(bus, topic.replace(/tip\/.*$/, "blk"), block, options);
    },
  };
}

function ownHead(node: RegionNode): Block | undefined {
  const { block } = node.running?.ledger.chain.head ?? {};
  return block !== undefined && Buffer.compare(block.header.miner, node.identity.did) === 0 ? block : undefined;
}

function twinOf(node: RegionNode, block: Block): Block | undefined {
  const { chain } = node.running?.ledger ?? {};
  const parent = chain?.link(Buffer.from(block.header.previous).toString("hex"))?.state;
  if (chain === undefined || parent === undefined) return undefined;
  const { sealedAt, rank, slot } = block.header;
  const later = slotOf(parent, sealedAt + 1) === slot ? sealedAt + 1 : sealedAt - 1;
  const isLater = slotOf(parent, later) === slot && later >= parent.sealedAt + parent.rules.blockSeconds;
  const facts = isLater ? block.facts : block.facts.slice(0, -1);
  if (!isLater && block.facts.length === 0) return undefined;
  const seal: Seal = {
    ...{ miner: node.identity.did, signer: node.identity.signer, rank: rank[0], tier: tierOf(rank[1]) },
    certificates: block.certificates,
    sealedAt: isLater ? later : sealedAt,
  };
  return sealBlock(parent, facts, seal, chain.context);
}

function stolenTurn(node: RegionNode): Block | undefined {
  const gateway = node.running;
  if (gateway === undefined) return undefined;
  const { chain } = gateway.ledger;
  const { state } = chain.head;
  const places = schedule((message) => chain.context.crypto.sha256(message), state);
  const own = places.findIndex(({ did }) => did === node.identity.key);
  // Its own rank before its time, or the first rank, which is another's.
  const rank = own > 0 && state.serial % 2 === 0 ? own : 0;
  if (rank === own && own === 0) return undefined;
  const sealedAt = Math.max(gateway.ledger.nowSeconds - 1, state.sealedAt + state.rules.blockSeconds);
  const { tier } = places[rank] ?? { tier: 2 as const };
  const seal: Seal = { miner: node.identity.did, signer: node.identity.signer, rank, tier, sealedAt };
  if (rank === own && sealedAt >= state.sealedAt + state.rules.blockSeconds + rank * state.rules.slotSeconds) {
    return undefined;
  }
  return sealBlock(state, chain.mempool.facts(), seal, chain.context);
}

/** Beside each report of its own many about addresses that nobody knows: whoever hears them cannot check them. */
function inventing(bus: MessageBus, node: RegionNode, counts: FaultCounts): MessageBus {
  return {
    close: () => bus.close(),
    publish: (topic, payload, options) => {
      bus.publish(topic, payload, options);
      const { chain } = node.running?.ledger ?? {};
      const wrapped = topic.endsWith("/tx/rep") ? decodeWrapper(payload) : undefined;
      if (chain === undefined || wrapped?.ok !== true) return;
      const { crypto, network } = chain.context;
      const fact = decodeFact(chain.context, wrapped.value.object);
      if (!fact.ok || fact.value.kind !== "REPORT") return;
      let { address } = fact.value.body;
      for (let made = 0; made < INVENTED_AT_ONCE; made += 1) {
        address = crypto.sha256(address);
        const report = encodeShape(reportBody, { ...fact.value.body, address });
        const signature = node.identity.signer.sign(toBeSigned(network, PURPOSE.REPORT, report));
        bus.publish(topic, encodeWrapper(0, encodeFact("REPORT", encodeSigned(report, [signature]))), options);
        counts.count("invented fact");
      }
    },
  };
}

const INVENTED_AT_ONCE = 40;

function announce(bus: MessageBus, topic: string, block: Block, options: Parameters<MessageBus["publish"]>[2]): void {
  const shortIds = shortIdsOf(block.facts.map((fact) => fact.id));
  const certificates = block.certificates.map(({ bytes }) => bytes);
  const announcement = encodeShape(blockAnnouncement, { header: block.headerBytes, shortIds, certificates });
  bus.publish(topic, encodeWrapper(0, announcement), { ...options, retain: false });
}

function tierOf(tier: number): Tier {
  return tier === 0 || tier === 1 || tier === 2 ? tier : 3;
}
