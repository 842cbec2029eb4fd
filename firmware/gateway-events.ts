/** Where a gateway's services tell what happened, and whoever wants to know listens. */
import { TypedEmitter } from "tiny-typed-emitter";
import { GATEWAY_EVENT_NAMES, type EmitEvent, type GatewayEvents } from "#services/events.ts";

export class GatewayEventEmitter extends TypedEmitter<GatewayEvents> {
  /** What the services get. */
  readonly tell: EmitEvent = (name, event) => {
    this.emit(name, ...([event] as Parameters<GatewayEvents[typeof name]>));
  };

  /** Hears every event, in the order in which they are told. */
  listen(listener: EmitEvent): void {
    for (const name of GATEWAY_EVENT_NAMES) {
      this.on(name, (event: Parameters<GatewayEvents[typeof name]>[0]) => {
        listener(name, event);
      });
    }
  }
}
