/**
 * The topics of the mesh below `tally1/{network}/{site}/`, built and parsed in one place. A name that this file did not
 * or would not build is no topic of ours.
 */
import { assert } from "#base/assert.ts";
import { toHex } from "#base/bytes.ts";
import type { PublishOptions } from "./message-bus.ts";

/** Which part of which region's mesh: the first three levels of every topic. */
export interface MeshRoot {
  /** The network id, 8 bytes as 16 lower-case hex digits. */
  readonly network: string;
  readonly site: string;
}

/** Facts by what they are, so that a receiver can take only some and drop the least important first. */
export const FACT_CLASSES = ["open", "rep", "fin", "mem", "evd"] as const;
export type FactClass = (typeof FACT_CLASSES)[number];

/** Devices stand in topics with the first 8 bytes of their id, as 16 lower-case hex digits. */
export type MeshTopic =
  | { readonly kind: "offer"; readonly station: string; readonly evse: number }
  | { readonly kind: "handshake"; readonly station: string }
  | { readonly kind: "reply"; readonly token: string }
  | { readonly kind: "fact"; readonly class: FactClass }
  | { readonly kind: "block" }
  | { readonly kind: "vote" }
  | { readonly kind: "tip"; readonly node: string }
  | { readonly kind: "query"; readonly node: string };

/** What gateways carry from one broker to another; all else stays on its broker. */
export type CarriedTopic = Extract<MeshTopic, { kind: "fact" | "block" | "vote" }>;

const NETWORK_BYTES = 8;
const TOPIC_ID_DIGITS = 16;
const TOKEN_BYTES = 16;
const SITE_LENGTH_MAX = 16;
/** The longest name: root, `offer`, a device and two digits, with room for a longer word. */
export const TOPIC_LENGTH_MAX = 96;

/** @throws a bug when the network is not 8 bytes or the site not 1 to 16 of `a-z`, `0-9` and `-`. */
export function meshRoot(network: Uint8Array, site: string): MeshRoot {
  assert(network.length === NETWORK_BYTES, `a network id has ${NETWORK_BYTES} bytes, not ${network.length}`);
  assert(isSite(site), `${site} is no site name`);
  return { network: toHex(network), site };
}

export function isSite(text: string): boolean {
  return text.length <= SITE_LENGTH_MAX && /^[a-z0-9-]+$/.test(text);
}

export function isCarried(topic: MeshTopic): topic is CarriedTopic {
  return topic.kind === "fact" || topic.kind === "block" || topic.kind === "vote";
}

/** The device as topics name it, from its id of 64 hex digits (which is also its client id). */
export function topicId(deviceId: string): string {
  return deviceId.slice(0, TOPIC_ID_DIGITS);
}

export function topicName(root: MeshRoot, topic: MeshTopic): string {
  const name = `${rootName(root)}/${lowerLevels(topic)}`;
  assert(parseTopic(root, name) !== undefined, `${name} is no topic of the mesh`);
  return name;
}

/** The topic that a name stands for; undefined for any other name, also one of another network or site. */
export function parseTopic(root: MeshRoot, name: string): MeshTopic | undefined {
  if (name.length > TOPIC_LENGTH_MAX || !name.startsWith(`${rootName(root)}/`)) return undefined;
  const [word, first, second, ...rest] = name.slice(rootName(root).length + 1).split("/");
  if (rest.length > 0) return undefined;
  if (second !== undefined) return word === "offer" ? parseOffer(first, second) : undefined;
  if (first !== undefined) return parseNamed(word, first);
  return word === "blk" ? { kind: "block" } : word === "vote" ? { kind: "vote" } : undefined;
}

/**
 * How a message of this topic is published: what must not be lost on a good line is acknowledged, what a newcomer needs
 * is retained.
 */
export function publishOptions(topic: MeshTopic): PublishOptions {
  return DELIVERY[topic.kind];
}

/**
 * What a gateway subscribes to: everything shared, and what is addressed to it. `token` names its private reply topic.
 */
export function gatewayFilters(root: MeshRoot, ownId: string, token: string): readonly string[] {
  const own: readonly MeshTopic[] = [
    { kind: "handshake", station: ownId },
    { kind: "query", node: ownId },
    { kind: "reply", token },
    { kind: "block" },
    { kind: "vote" },
  ];
  const shared = ["offer/+/+", "tx/+", "tip/+"].map((levels) => `${rootName(root)}/${levels}`);
  return [...shared, ...own.map((topic) => topicName(root, topic))];
}

export function rootName(root: MeshRoot): string {
  return `tally1/${root.network}/${root.site}`;
}

const DELIVERY: Readonly<Record<MeshTopic["kind"], PublishOptions>> = {
  offer: { qos: 1, retain: true },
  handshake: { qos: 1, retain: false },
  reply: { qos: 1, retain: false },
  fact: { qos: 1, retain: false },
  block: { qos: 1, retain: false },
  vote: { qos: 1, retain: false },
  tip: { qos: 0, retain: true },
  query: { qos: 1, retain: false },
};

function lowerLevels(topic: MeshTopic): string {
  switch (topic.kind) {
    case "offer":
      return `offer/${topic.station}/${topic.evse}`;
    case "handshake":
      return `hs/${topic.station}`;
    case "reply":
      return `r/${topic.token}`;
    case "fact":
      return `tx/${topic.class}`;
    case "block":
      return "blk";
    case "vote":
      return "vote";
    case "tip":
      return `tip/${topic.node}`;
    case "query":
      return `q/${topic.node}`;
  }
}

function parseOffer(station: string | undefined, evse: string): MeshTopic | undefined {
  if (station === undefined || !isTopicId(station) || !/^[1-9][0-9]?$/.test(evse)) return undefined;
  return { kind: "offer", station, evse: Number(evse) };
}

function parseNamed(word: string | undefined, name: string): MeshTopic | undefined {
  if (word === "tx") {
    const known = FACT_CLASSES.find((each) => each === name);
    return known === undefined ? undefined : { kind: "fact", class: known };
  }
  if (word === "r")
    return new RegExp(`^[0-9a-f]{${2 * TOKEN_BYTES}}$`).test(name) ? { kind: "reply", token: name } : undefined;
  if (!isTopicId(name)) return undefined;
  if (word === "hs") return { kind: "handshake", station: name };
  if (word === "q") return { kind: "query", node: name };
  return word === "tip" ? { kind: "tip", node: name } : undefined;
}

function isTopicId(text: string): boolean {
  return text.length === TOPIC_ID_DIGITS && /^[0-9a-f]+$/.test(text);
}
