/**
 * Gateways that are production gateways but for one behaviour. What they send reaches every site, whatever link is cut:
 * a liar has lines of its own.
 */
import type { MessageBus } from "#core/mesh/message-bus.ts";
import { decodeWrapper, encodeWrapper } from "#core/mesh/wrapper.ts";
import { blockAnnouncement, shortIdsOf, syncReply } from "#core/mesh/sync-messages.ts";
import { decodeShape, encodeShape } from "#core/wire/schema.ts";
import { schedule, slotOf, type Tier } from "#core/ledger/schedule.ts";
import { sealBlock, type Seal } from "#core/ledger/seal-block.ts";
import type { Block } from "#core/ledger/block.ts";
import { signVote } from "#core/finality/vote.ts";
import type { FaultCounts } from "./fault-counts.ts";
import type { RegionNode } from "./region-node.ts";

interface LieForm {
  readonly what: string;
  /** Whether a gateway of this name can tell it. */
  readonly suits: (name: string) => boolean;
}

const isStation = (name: string): boolean => name.startsWith("station");
const isCar = (name: string): boolean => name.startsWith("car");

export const LIES = {
  "shows more": { what: "its meter shows a fifth more than flows", suits: isStation },
  "shows less": { what: "its battery is said to have received a quarter less", suits: isCar },
  withholds: { what: "it signs its reports and completions and publishes none after some", suits: () => true },
  "seals twice": { what: "it seals two blocks in a slot, each for half of the ears", suits: () => true },
  "votes everywhere": {
    what: "it casts every vote that there can be, on every branch, whatever it has voted",
    suits: isStation,
  },
  "seals out of turn": { what: "it seals when another one is due, with that rank or its own", suits: () => true },
} as const satisfies Readonly<Record<string, LieForm>>;

export type Lie = keyof typeof LIES;

/** After so many facts of its own a withholding side says no more, and after so many withheld ones it begins anew. */
const FACTS_BEFORE_SILENCE = 3;
const FACTS_WITHHELD = 40;

export interface LieParts {
  readonly lie: Lie;
  readonly counts: FaultCounts;
}

/** The gateway's line to the mesh, bent as its lie has it. */
export function bentBus(bus: MessageBus, node: RegionNode, { lie, counts }: LieParts): MessageBus {
  switch (lie) {
    case "withholds":
      return withholding(bus, counts);
    case "seals twice":
      return sealingTwice(bus, node, counts);
    case "seals out of turn":
      return sealingOutOfTurn(bus, node, counts);
    case "shows more":
    case "shows less":
      return bus;
    case "votes everywhere":
      return votingOnly(bus);
  }
}

/** Nor are they in its blocks and answers: else everybody would have them by asking. */
function withholding(bus: MessageBus, counts: FaultCounts): MessageBus {
  let said = 0;
  return {
    close: () => bus.close(),
    publish: (topic, payload, options) => {
      const isOwn = topic.endsWith("/tx/rep") || topic.endsWith("/tx/fin");
      if (isOwn) said = said >= FACTS_BEFORE_SILENCE + FACTS_WITHHELD ? 1 : said + 1;
      const isTelling = isOwn || topic.endsWith("/blk") || isSyncReply(topic, payload);
      if (isTelling && said > FACTS_BEFORE_SILENCE) {
        counts.count("withheld facts");
        return;
      }
      bus.publish(topic, payload, options);
    },
  };
}

/** It hears both sides of a partition and must not bring them together: it says nothing but that it is a member. */
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

/**
 * From the checkpoints before to a new one, on whichever branch it is, the nearest first: the payloads of these votes.
 */
export function everyVote(node: RegionNode, block: Block): readonly Uint8Array[] {
  const { chain } = node.running?.ledger ?? {};
  const state = chain?.link(block.key)?.state;
  const { checkpoints = [] } = state?.finality ?? {};
  const target = checkpoints.at(-1);
  if (chain === undefined || target === undefined || target.serial !== block.header.serial) return [];
  const { did: member, signer } = node.identity;
  return checkpoints
    .slice(-1 - SOURCES_MAX, -1)
    .toReversed()
    .map(({ serial, id }) => {
      const said = {
        epoch: target.epoch,
        source: { serial, id },
        target: { serial: target.serial, id: target.id },
        member,
      };
      return encodeWrapper(0, signVote(chain.context, said, signer).bytes);
    });
}

const SOURCES_MAX = 4;

function announce(bus: MessageBus, topic: string, block: Block, options: Parameters<MessageBus["publish"]>[2]): void {
  const shortIds = shortIdsOf(block.facts.map((fact) => fact.id));
  const certificates = block.certificates.map(({ bytes }) => bytes);
  const announcement = encodeShape(blockAnnouncement, { header: block.headerBytes, shortIds, certificates });
  bus.publish(topic, encodeWrapper(0, announcement), { ...options, retain: false });
}

function tierOf(tier: number): Tier {
  return tier === 0 || tier === 1 || tier === 2 ? tier : 3;
}
