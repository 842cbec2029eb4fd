/**
 * The mesh's bus over MQTT 3.1.1: clean sessions, and nothing kept for later. A message that cannot be sent now is
 * dropped and counted, because the protocol publishes again whatever still matters.
 *
 * Each attempt to connect is a new client with a new login: logins carry a time, and nothing of an old connection may
 * leak into the next.
 */
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { MqttClient, type IClientOptions } from "mqtt";
import { MESH_PAYLOAD_BYTES_MAX } from "#core/limits.ts";
import type { ConnectBus, MessageBus, MessageBusListener, PublishOptions } from "#core/mesh/message-bus.ts";
import { TOPIC_LENGTH_MAX } from "#core/mesh/topics.ts";
import { MeteredStream, type StreamBounds, type StreamFault } from "./metered-stream.ts";

/** Asked at each attempt to connect. */
export type Credentials = (clientId: string) => { readonly username: string; readonly password: string };

export type BusFault =
  | StreamFault
  | { readonly code: "BUS_UNREACHABLE"; readonly reason: string }
  /** The CONNACK's return code (MQTT 3.1.1, table 3.1): 2 identifier rejected, 4 and 5 login refused. */
  | { readonly code: "BUS_REFUSED"; readonly returnCode: number }
  | { readonly code: "BUS_FILTER_REFUSED"; readonly filter: string };

export interface DroppedMessages {
  /** Published while no broker was there. */
  readonly away: number;
  /** Published faster than the broker takes them. */
  readonly congested: number;
  /** Longer than the mesh allows, in either direction. */
  readonly tooLong: number;
}

export interface MqttBusOptions {
  readonly retryMinMs?: number;
  readonly retryMaxMs?: number;
  readonly payloadBytesMax?: number;
  readonly keepaliveSeconds?: number;
  /** For the log: what went wrong on the line or was refused. The bus goes on by itself. */
  readonly onFault?: (fault: BusFault) => void;
  /** Only for `mqtts:`; PEM. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
}

export type ConnectMqttBus = (...details: Parameters<ConnectBus>) => Promise<MqttBus>;

/**
 * Connects to `mqtt://host:port` or `mqtts://host:port`. The promise is fulfilled at once, whether the broker is there
 * or not; `onConnection` tells the rest, `true` only after the subscriptions hold.
 *
 * @throws Error with code BUS_URL_INVALID.
 */
export function connectMqttBus(url: string, credentials?: Credentials, options: MqttBusOptions = {}): ConnectMqttBus {
  const address = readAddress(url);
  return (clientId, filters, listener) =>
    Promise.resolve(new MqttBus({ address, clientId, filters: [...new Set(filters)], listener, credentials }, options));
}

const RETRY_MIN_MS = 500;
const RETRY_MAX_MS = 30_000;
/** Also how long a broker keeps the id of a client that has vanished, times one and a half. */
const KEEPALIVE_SECONDS = 15;
const CONNECT_TIMEOUT_MS = 10_000;
/** What is left to send when the bus is closed has this long. */
const CLOSE_TIMEOUT_MS = 1000;
/** Bytes that the broker has not taken yet; beyond, messages are dropped. */
const BACKLOG_BYTES_MAX = 1024 * 1024;
/** Messages at QoS 1 whose acknowledgement is awaited. */
const UNACKNOWLEDGED_MAX = 256;
/** A connection that has held this long was a good one: the next attempts start soon again. */
const STEADY_MS = 30_000;
/** Return code of a SUBACK (MQTT 3.1.1, section 3.9.3). */
const SUBSCRIPTION_REFUSED = 0x80;
/** Fixed header, length of the topic, packet id. */
const PACKET_OVERHEAD_BYTES = 9;

interface Address {
  readonly host: string;
  readonly port: number;
  readonly isTls: boolean;
}

interface Target {
  readonly address: Address;
  readonly clientId: string;
  readonly filters: readonly string[];
  readonly listener: MessageBusListener;
  readonly credentials: Credentials | undefined;
}

/** One connection, from dialling to its end. */
interface Line {
  readonly client: MqttClient;
  readonly stream: () => MeteredStream | undefined;
  unacknowledged: number;
}

export class MqttBus implements MessageBus {
  readonly #target: Target;
  readonly #options: MqttBusOptions;
  readonly #payloadBytesMax: number;
  readonly #dropped = { away: 0, congested: 0, tooLong: 0 };
  #line: Line | undefined;
  #isUp: boolean | undefined;
  #upSinceMs = 0;
  #failures = 0;
  #retry: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(target: Target, options: MqttBusOptions) {
    this.#target = target;
    this.#options = options;
    this.#payloadBytesMax = options.payloadBytesMax ?? MESH_PAYLOAD_BYTES_MAX;
    this.#dial();
  }

  get dropped(): DroppedMessages {
    return { ...this.#dropped };
  }

  publish(topic: string, payload: Uint8Array, { qos, retain }: PublishOptions): void {
    const line = this.#line;
    if (payload.length > this.#payloadBytesMax) {
      this.#dropped.tooLong += 1;
      return;
    }
    if (line === undefined || this.#isUp !== true || !line.client.connected) {
      this.#dropped.away += 1;
      return;
    }
    if ((line.stream()?.backlogBytes ?? 0) > BACKLOG_BYTES_MAX || line.unacknowledged >= UNACKNOWLEDGED_MAX) {
      this.#dropped.congested += 1;
      return;
    }
    line.unacknowledged += qos;
    line.client.publish(topic, Buffer.from(payload), { qos, retain }, () => {
      line.unacknowledged -= qos;
    });
  }

  /** Sends what has been published, for a second at most; the listener hears nothing any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    const client = this.#line?.client;
    if (client === undefined) return;
    await new Promise<void>((resolve) => {
      const deadline = setTimeout(() => {
        client.stream.destroy();
        resolve();
      }, CLOSE_TIMEOUT_MS);
      client.end(!client.connected, {}, () => {
        clearTimeout(deadline);
        client.stream.destroy();
        resolve();
      });
    });
  }

  #dial(): void {
    let stream: MeteredStream | undefined;
    const client = new MqttClient(() => (stream = this.#openStream()), this.#clientOptions());
    const line: Line = { client, stream: () => stream, unacknowledged: 0 };
    this.#line = line;
    client.on("connect", () => {
      this.#subscribe(line);
    });
    client.on("message", (topic, payload) => {
      this.#receive(topic, payload);
    });
    client.on("error", (error) => {
      this.#report(faultOf(error));
      client.stream.destroy();
    });
    client.on("close", () => {
      this.#lose(line);
    });
  }

  #clientOptions(): IClientOptions {
    const { clientId, credentials } = this.#target;
    const login = credentials?.(clientId);
    return {
      clientId,
      ...(login === undefined ? {} : { username: login.username, password: login.password }),
      protocolId: "MQTT",
      protocolVersion: 4,
      clean: true,
      keepalive: this.#options.keepaliveSeconds ?? KEEPALIVE_SECONDS,
      connectTimeout: CONNECT_TIMEOUT_MS,
      reconnectPeriod: 0,
      resubscribe: false,
      queueQoSZero: false,
    };
  }

  #openStream(): MeteredStream {
    const { host, port, isTls } = this.#target.address;
    const socket: Socket = isTls ? connectTls({ host, port, ...this.#options.tls }) : connectTcp({ host, port });
    socket.setNoDelay(true);
    const packetBytesMax = this.#payloadBytesMax + TOPIC_LENGTH_MAX + PACKET_OVERHEAD_BYTES;
    const bounds: StreamBounds = {
      packetBytesMax: () => packetBytesMax,
      tooLong: "leave-out",
      backlogBytesMax: 4 * BACKLOG_BYTES_MAX,
    };
    return new MeteredStream(socket, bounds, (fault) => {
      if (fault.code === "MQTT_PACKET_TOO_LONG") this.#dropped.tooLong += 1;
      this.#report(fault);
    });
  }

  /** The bus is up when the broker has answered for the filters: what is published from then on reaches us. */
  #subscribe(line: Line): void {
    const { filters } = this.#target;
    if (filters.length === 0) {
      this.#tell(true);
      return;
    }
    line.client.subscribe([...filters], { qos: 1 }, (_error, _asked, answer) => {
      if (line !== this.#line || !line.client.connected) return;
      if (answer === undefined) {
        line.client.stream.destroy();
        return;
      }
      for (const [index, filter] of filters.entries()) {
        if (answer.granted[index] === SUBSCRIPTION_REFUSED) this.#report({ code: "BUS_FILTER_REFUSED", filter });
      }
      this.#tell(true);
    });
  }

  #receive(topic: string, payload: Uint8Array): void {
    if (this.#isClosed) return;
    if (payload.length > this.#payloadBytesMax) {
      this.#dropped.tooLong += 1;
      return;
    }
    // A copy, because the engine's buffer is a window into a larger one that would be kept alive.
    this.#target.listener.onMessage(topic, Uint8Array.from(payload));
  }

  #lose(line: Line): void {
    if (line !== this.#line) return;
    this.#line = undefined;
    // Frees the engine's timers; a client of ours never dials twice.
    line.client.end(true);
    if (this.#isClosed) return;
    if (this.#isUp === true && performance.now() - this.#upSinceMs > STEADY_MS) this.#failures = 0;
    this.#tell(false);
    this.#retry = setTimeout(() => {
      this.#dial();
    }, this.#retryDelayMs());
    this.#failures += 1;
  }

  /** Doubling, and half of it by chance: a site's gateways must not all come at once after a power cut. */
  #retryDelayMs(): number {
    const { retryMinMs = RETRY_MIN_MS, retryMaxMs = RETRY_MAX_MS } = this.#options;
    const fullMs = Math.min(retryMaxMs, retryMinMs * 2 ** Math.min(this.#failures, 20));
    return fullMs * (0.5 + 0.5 * Math.random());
  }

  #tell(isUp: boolean): void {
    if (this.#isClosed || this.#isUp === isUp) return;
    this.#isUp = isUp;
    if (isUp) this.#upSinceMs = performance.now();
    this.#target.listener.onConnection(isUp);
  }

  #report(fault: BusFault): void {
    if (!this.#isClosed) this.#options.onFault?.(fault);
  }
}

function faultOf(error: Error & { readonly code?: unknown }): BusFault {
  return typeof error.code === "number"
    ? { code: "BUS_REFUSED", returnCode: error.code }
    : { code: "BUS_UNREACHABLE", reason: error.message };
}

function readAddress(url: string): Address {
  const match = /^(mqtts?):\/\/(\[[0-9a-f:]+\]|[^/:@?#]+)(?::(\d+))?\/?$/i.exec(url);
  const [, scheme = "", host = "", port] = match ?? [];
  const isTls = scheme.toLowerCase() === "mqtts";
  const number = port === undefined ? (isTls ? 8883 : 1883) : Number(port);
  if (match === null || number < 1 || number > 65535) {
    throw Object.assign(new Error(`${url} is not mqtt://host:port or mqtts://host:port`), { code: "BUS_URL_INVALID" });
  }
  return { host: host.replace(/^\[|\]$/g, ""), port: number, isTls };
}
