/** What a gateway prints with `--json`, one event a line, read back. */
import { GATEWAY_EVENT_NAMES, type GatewayEvents } from "#services/events.ts";

export type EventName = keyof GatewayEvents;
export type EventOf<Name extends EventName> = Parameters<GatewayEvents[Name]>[0];

/** One event as the gateway printed it. */
export type GatewayNews = {
  readonly [Name in EventName]: { readonly name: Name; readonly event: EventOf<Name> };
}[EventName];

/** Undefined for a line that is no event. The gateways are this program's own: what is in an event is believed. */
export function readGatewayNews(line: string): GatewayNews | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    const { event: name, ...event } = JSON.parse(line) as Readonly<Record<string, unknown>>;
    if (!GATEWAY_EVENT_NAMES.some((known) => known === name)) return undefined;
    return { name, event } as unknown as GatewayNews;
  } catch {
    return undefined;
  }
}
