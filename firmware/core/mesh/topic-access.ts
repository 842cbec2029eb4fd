/** Who may publish and subscribe to what: the rules that a broker of the mesh enforces, by client id. */
import { fail, ok, type Result } from "#base/result.ts";
import { parseTopic, publishOptions, rootName, topicId, type MeshRoot, type MeshTopic } from "./topics.ts";

export interface AccessFault {
  readonly code:
    "MESH_FOREIGN_TOPIC" | "MESH_TOPIC_OF_ANOTHER" | "MESH_MAY_NOT_RETAIN" | "MESH_WRONG_QOS" | "MESH_FILTER_TOO_WIDE";
  /** The topic or filter that was asked for. */
  readonly asked: string;
}

export interface Publication {
  readonly topic: string;
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
}

/** Whether the client with this device id (64 hex digits) may publish so; the topic when it may. */
export function judgePublication(
  root: MeshRoot,
  deviceId: string,
  { topic: name, qos, retain }: Publication,
): Result<MeshTopic, AccessFault> {
  const topic = parseTopic(root, name);
  if (topic === undefined) return fail({ code: "MESH_FOREIGN_TOPIC", asked: name });
  if (qos === 2) return fail({ code: "MESH_WRONG_QOS", asked: name });
  if (retain && !publishOptions(topic).retain) return fail({ code: "MESH_MAY_NOT_RETAIN", asked: name });
  const owner = topic.kind === "offer" ? topic.station : topic.kind === "tip" ? topic.node : undefined;
  if (owner !== undefined && owner !== topicId(deviceId)) return fail({ code: "MESH_TOPIC_OF_ANOTHER", asked: name });
  return ok(topic);
}

/**
 * Whether the client may subscribe to this filter. What is addressed to one gateway is read by that gateway only, and a
 * reply topic only by who knows its token: a wildcard there would read everybody's replies.
 */
export function judgeSubscription(root: MeshRoot, deviceId: string, filter: string): Result<void, AccessFault> {
  if (!filter.startsWith(`${rootName(root)}/`)) return fail({ code: "MESH_FOREIGN_TOPIC", asked: filter });
  if (/[+#]/.test(filter)) {
    const levels = filter.slice(rootName(root).length + 1);
    return isSharedWildcard(levels) ? ok(undefined) : fail({ code: "MESH_FILTER_TOO_WIDE", asked: filter });
  }
  const topic = parseTopic(root, filter);
  if (topic === undefined) return fail({ code: "MESH_FOREIGN_TOPIC", asked: filter });
  const reader = topic.kind === "handshake" ? topic.station : topic.kind === "query" ? topic.node : undefined;
  if (reader !== undefined && reader !== topicId(deviceId))
    return fail({ code: "MESH_TOPIC_OF_ANOTHER", asked: filter });
  return ok(undefined);
}

function isSharedWildcard(levels: string): boolean {
  return /^(tx\/\+|tip\/\+|offer\/(\+|[0-9a-f]{16})\/\+|offer\/\+\/[1-9][0-9]?)$/.test(levels);
}
