/**
 * A publish/subscribe bus as the mesh sees one: lossy, repeating, reordering and hostile. Nothing may be concluded from
 * a message having been sent or not having come.
 *
 * What callers may rely on: `publish` never blocks the protocol and may be dropped; while the bus is away, messages are
 * dropped and `onConnection(false)` has been told; after it is back the subscriptions hold again without a call.
 */
export interface MessageBus {
  publish(topic: string, payload: Uint8Array, options: PublishOptions): void;
  close(): Promise<void>;
}

export interface PublishOptions {
  readonly qos: 0 | 1;
  readonly retain: boolean;
}

export interface MessageBusListener {
  onMessage(topic: string, payload: Uint8Array): void;
  onConnection(up: boolean): void;
}

/** One of several brokers that a gateway is connected to at the same time. */
export interface BrokerLine {
  /** For people: the address, as a rule. */
  readonly name: string;
  readonly connect: ConnectBus;
  /** The site as which the broker's topics are named, where it is another than the gateway's own. */
  readonly site?: string;
}

/** Connects to a bus with the given topic filters (MQTT wildcards `+` and `#`) and the client id. */
export type ConnectBus = (
  clientId: string,
  filters: readonly string[],
  listener: MessageBusListener,
) => Promise<MessageBus>;
