/** What a gateway prints with `--json`, one event a line, read back. */
import type { GatewayEvents } from "#services/events.ts";

type EventName = keyof GatewayEvents;

/** One event as the gateway printed it. */
export type GatewayNews = {
  readonly [Name in EventName]: { readonly name: Name; readonly event: Parameters<GatewayEvents[Name]>[0] };
}[EventName];

/** Every event by name, so that the compiler tells when there is a new one. */
const NAMES: Readonly<Record<EventName, true>> = {
  started: true,
  meshConnected: true,
  peerSeen: true,
  refused: true,
  plugged: true,
  handshakeEnded: true,
  contractSigned: true,
  reportSigned: true,
  powerChanged: true,
  meterLost: true,
  meterBack: true,
  completed: true,
  blockAppended: true,
  branchAbandoned: true,
  resultRecorded: true,
  stopped: true,
};

/** Undefined for a line that is no event. The gateways are this program's own: what is in an event is believed. */
export function readGatewayNews(line: string): GatewayNews | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    const { event: name, ...event } = JSON.parse(line) as Readonly<Record<string, unknown>>;
    if (typeof name !== "string" || !Object.hasOwn(NAMES, name)) return undefined;
    return { name, event } as unknown as GatewayNews;
  } catch {
    return undefined;
  }
}
