/**
 * Received messages that wait for their turn: the most important lane first, each lane in the order of arrival. When
 * there is no room, the newest of the least important lane goes, so a flood of one kind cannot push out a rarer, more
 * important one. Whatever is dropped comes again: facts are re-published, the rest is pulled by synchronisation.
 */
import { assert } from "#base/assert.ts";
import type { MeshTopic } from "./topics.ts";

/** Most important first. */
export const LANES = ["evidence", "vote", "block", "report", "handshake", "open", "sync"] as const;
export type Lane = (typeof LANES)[number];

/** All lanes together. */
export const WAITING_MESSAGES_MAX = 2048;
export const WAITING_BYTES_MAX = 4 * 1024 * 1024;

export function laneOf(topic: MeshTopic): Lane {
  switch (topic.kind) {
    case "fact":
      return LANE_OF_FACT[topic.class];
    case "block":
    case "vote":
    case "handshake":
      return topic.kind;
    // A reply topic is known only to who was asked, so no stranger floods it, and it also carries the handshake's
    // answers.
    case "reply":
      return "handshake";
    case "offer":
      return "open";
    case "query":
    case "tip":
      return "sync";
  }
}

export interface LaneLimits {
  readonly messagesMax: number;
  readonly bytesMax: number;
}

interface Waiting<Message> {
  readonly message: Message;
  readonly bytes: number;
}

export class PriorityLanes<Message> {
  readonly #limits: LaneLimits;
  readonly #lanes: readonly Waiting<Message>[][] = LANES.map(() => []);
  #messages = 0;
  #bytes = 0;

  constructor(limits: LaneLimits = { messagesMax: WAITING_MESSAGES_MAX, bytesMax: WAITING_BYTES_MAX }) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#messages;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Queues the message and returns what had to go for it: other messages, or the message itself. */
  push(lane: Lane, message: Message, bytes: number): readonly Message[] {
    if (bytes > this.#limits.bytesMax) return [message];
    this.#lane(LANES.indexOf(lane)).push({ message, bytes });
    this.#messages += 1;
    this.#bytes += bytes;
    const dropped: Message[] = [];
    while (this.#messages > this.#limits.messagesMax || this.#bytes > this.#limits.bytesMax) {
      dropped.push(this.#dropLeastImportant());
    }
    return dropped;
  }

  /** The message whose turn it is, or undefined when none waits. */
  take(): Message | undefined {
    for (const lane of this.#lanes) {
      const first = lane.shift();
      if (first !== undefined) return this.#forget(first);
    }
    return undefined;
  }

  #dropLeastImportant(): Message {
    const last = this.#lanes.findLast((lane) => lane.length > 0)?.pop();
    assert(last !== undefined, "lanes over their limit hold a message");
    return this.#forget(last);
  }

  #forget({ message, bytes }: Waiting<Message>): Message {
    this.#messages -= 1;
    this.#bytes -= bytes;
    return message;
  }

  #lane(index: number): Waiting<Message>[] {
    const lane = this.#lanes[index];
    assert(lane !== undefined, `lane ${index}`);
    return lane;
  }
}

const LANE_OF_FACT: Readonly<Record<Extract<MeshTopic, { kind: "fact" }>["class"], Lane>> = {
  evd: "evidence",
  rep: "report",
  fin: "report",
  open: "open",
  mem: "open",
};
