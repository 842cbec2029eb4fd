/**
 * The broker of a site inside a charger's gateway: only the mesh's topics, only clients that have shown that their id
 * is theirs, and a bound on everything that a client could make grow. The rules are those of core/mesh.
 */
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { Aedes, type AuthenticateError, type Client, type ConnectPacket } from "aedes";
import type { Result } from "#base/result.ts";
import { judgePublication, judgeSubscription, type AccessFault } from "#core/mesh/topic-access.ts";
import { TokenBucket } from "#core/mesh/token-bucket.ts";
import { TOPIC_LENGTH_MAX, type MeshRoot, type MeshTopic } from "#core/mesh/topics.ts";
import { BROKER_LIMITS, type BrokerLimits } from "./broker-limits.ts";
import { MeteredStream, type StreamFault } from "./metered-stream.ts";
import { RetainedStore } from "./retained-store.ts";

/** Whether the login shows that the client id belongs to the client. It is called once for each login. */
export type Authenticate = (clientId: string, username: string, password: string) => boolean;

export interface BrokerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly root: MeshRoot;
  readonly authenticate: Authenticate;
  /** A further rule on top of the topics' owners, such as which members may vote. */
  readonly mayPublish?: (clientId: string, topic: MeshTopic) => boolean;
  /** For the log. */
  readonly onRefusal?: (refusal: BrokerRefusal) => void;
  readonly limits?: Partial<BrokerLimits>;
}

export type BrokerRefusal = (
  | AccessFault
  | StreamFault
  | {
      readonly code: LoginRefusal | "MESH_NOT_PERMITTED" | "MESH_TOO_MANY_FILTERS" | "MQTT_ERROR";
      readonly asked: string;
    }
) & { readonly clientId: string | undefined };

type LoginRefusal =
  | "LOGIN_NOT_SUPPORTED"
  | "LOGIN_ID_MALFORMED"
  | "LOGIN_ID_IN_USE"
  | "LOGIN_BROKER_FULL"
  | "LOGIN_REFUSED"
  | "LOGIN_TOO_SLOW";

export interface Broker {
  readonly port: number;
  readonly clients: number;
  /** Messages left out because their receiver did not take the ones before. */
  readonly leftOut: number;
  /** Ends all connections. Afterwards the port is free again. */
  close(): Promise<void>;
}

/** @throws Error with code BROKER_PORT_IN_USE or BROKER_CANNOT_LISTEN, and the cause. */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const broker = new EmbeddedBroker(options);
  await broker.listen();
  return broker;
}

/** CONNACK return codes (MQTT 3.1.1, table 3.1). */
const RETURN_CODE = { idRejected: 2, unavailable: 3, badLogin: 4, notAuthorized: 5 } as const;
/** Fixed header, length of the topic, packet id. */
const PACKET_OVERHEAD_BYTES = 9;

/** A connection, and what it may do. */
interface Guest {
  readonly stream: MeteredStream;
  readonly filters: Set<string>;
  clientId: string | undefined;
}

class EmbeddedBroker implements Broker {
  readonly #options: BrokerOptions;
  readonly #limits: BrokerLimits;
  readonly #server: Server;
  readonly #engine: Aedes;
  readonly #logins: TokenBucket;
  readonly #strangers = new Set<Guest>();
  /** Logged in, by client id. */
  readonly #members = new Map<string, Guest>();
  readonly #guests = new WeakMap<object, Guest>();
  #leftOut = 0;

  constructor(options: BrokerOptions) {
    this.#options = options;
    this.#limits = { ...BROKER_LIMITS, ...options.limits };
    this.#logins = new TokenBucket(this.#limits.loginRate, performance.now());
    this.#engine = new Aedes({
      persistence: new RetainedStore(this.#limits.retained),
      connectTimeout: this.#limits.loginTimeoutMs,
      keepaliveLimit: this.#limits.keepaliveSecondsMax,
      maxTopicLevels: 8,
      drainTimeout: this.#limits.loginTimeoutMs,
    });
    this.#applyRules();
    this.#server = createServer({ noDelay: true }, (socket) => {
      this.#welcome(socket);
    });
    this.#server.maxConnections = this.#limits.clientsMax + this.#limits.strangersMax + 1;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  get clients(): number {
    return this.#members.size;
  }

  get leftOut(): number {
    return this.#leftOut;
  }

  async listen(): Promise<void> {
    const { host, port } = this.#options;
    await this.#engine.listen();
    const listening = once(this.#server, "listening");
    this.#server.listen({ host, port });
    try {
      await listening;
    } catch (cause) {
      this.#engine.close();
      const isInUse = cause instanceof Error && "code" in cause && cause.code === "EADDRINUSE";
      const code = isInUse ? "BROKER_PORT_IN_USE" : "BROKER_CANNOT_LISTEN";
      throw Object.assign(new Error(`cannot listen on ${host}:${port}`, { cause }), { code });
    }
    // Later errors are those of single connections that could not be taken; the broker stays up.
    this.#server.on("error", (error) => {
      this.#tell({ code: "MQTT_ERROR", asked: error.message, clientId: undefined });
    });
  }

  async close(): Promise<void> {
    const isFree = new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
    for (const guest of [...this.#strangers, ...this.#members.values()]) guest.stream.destroy();
    await new Promise<void>((resolve) => {
      this.#engine.close(resolve);
    });
    await isFree;
  }

  #applyRules(): void {
    this.#engine.preConnect = (client, packet, done) => {
      const isOurs = this.#isOurDialect(client, packet);
      done(isOurs ? null : new Error(REFUSED), isOurs);
    };
    this.#engine.authenticate = (client, username, password, done) => {
      const refusal = this.#judgeLogin(client, username ?? "", password?.toString("utf8") ?? "");
      if (refusal === undefined) done(null, true);
      else done(refusal, false);
    };
    this.#engine.authorizePublish = (client, packet, done) => {
      const verdict = this.#judgePublish(client, packet);
      // The engine drops, as repeated, a message that it emits after a later one. It emits retained ones a moment later
      // than others, so each message gets its own turn of the event loop.
      setImmediate(done, verdict ? null : new Error(REFUSED));
    };
    this.#engine.authorizeSubscribe = (client, subscription, done) => {
      done(null, this.#maySubscribe(client, subscription.topic) ? subscription : null);
    };
    this.#engine.authorizeForward = (client, packet) => {
      const guest = this.#guests.get(client);
      if (guest !== undefined && guest.stream.backlogBytes <= this.#limits.backlogBytesMax) return packet;
      this.#leftOut += 1;
      return null;
    };
    this.#engine.on("unsubscribe", (filters, client) => {
      for (const filter of filters) this.#guests.get(client)?.filters.delete(filter);
    });
    for (const event of ["clientError", "connectionError"] as const) {
      this.#engine.on(event, (client, error) => {
        if (!this.#isKnownEnd(error)) this.#refuse(client, "MQTT_ERROR", error.message);
      });
    }
  }

  #welcome(socket: Socket): void {
    const [oldest] = this.#strangers;
    if (oldest !== undefined && this.#strangers.size >= this.#limits.strangersMax) {
      this.#tell({ code: "LOGIN_TOO_SLOW", asked: "", clientId: undefined });
      oldest.stream.destroy();
    }
    const packetBytesMax = this.#limits.payloadBytesMax + TOPIC_LENGTH_MAX + PACKET_OVERHEAD_BYTES;
    const { loginBytesMax, packetRate, byteRate, backlogBytesEnd } = this.#limits;
    const stream: MeteredStream = new MeteredStream(
      socket,
      {
        packetBytesMax: () => (guest.clientId === undefined ? loginBytesMax : packetBytesMax),
        tooLong: "cut-off",
        backlogBytesMax: backlogBytesEnd,
        packetRate,
        byteRate,
      },
      (fault) => {
        this.#tell({ ...fault, clientId: guest.clientId });
      },
    );
    const guest: Guest = { stream, filters: new Set(), clientId: undefined };
    this.#strangers.add(guest);
    stream.once("close", () => {
      this.#strangers.delete(guest);
      if (guest.clientId !== undefined) this.#members.delete(guest.clientId);
    });
    this.#guests.set(this.#engine.handle(stream), guest);
  }

  /** No wills: their topic would be published after the rules have lost sight of the client. */
  #isOurDialect(client: Client, { clean, will, protocolVersion }: ConnectPacket): boolean {
    // Version 5 goes on to the engine, which answers it as the standard asks: "unacceptable protocol version".
    const isOurs = protocolVersion === 5 || (clean === true && will === undefined);
    if (!isOurs) this.#refuse(client, "LOGIN_NOT_SUPPORTED", `version ${protocolVersion ?? 0}`);
    return isOurs;
  }

  #judgeLogin(client: Client, username: string, password: string): AuthenticateError | undefined {
    const guest = this.#guests.get(client);
    const [code, returnCode] = this.#whyNot(client.id, username, password);
    if (code === undefined && guest !== undefined) {
      guest.clientId = client.id;
      this.#strangers.delete(guest);
      this.#members.set(client.id, guest);
      return undefined;
    }
    this.#refuse(client, code ?? "LOGIN_REFUSED", client.id);
    return Object.assign(new Error(REFUSED), { returnCode: returnCode ?? RETURN_CODE.notAuthorized });
  }

  /** The cheap questions first; a login that is refused for its place is not used up. */
  #whyNot(clientId: string, username: string, password: string): readonly [LoginRefusal, number] | readonly [] {
    if (!/^[0-9a-f]{64}$/.test(clientId)) return ["LOGIN_ID_MALFORMED", RETURN_CODE.idRejected];
    if (this.#members.has(clientId)) return ["LOGIN_ID_IN_USE", RETURN_CODE.idRejected];
    if (this.#members.size >= this.#limits.clientsMax) return ["LOGIN_BROKER_FULL", RETURN_CODE.unavailable];
    if (username === "" || password === "") return ["LOGIN_REFUSED", RETURN_CODE.badLogin];
    if (!this.#logins.take(performance.now())) return ["LOGIN_BROKER_FULL", RETURN_CODE.unavailable];
    return this.#options.authenticate(clientId, username, password) ? [] : ["LOGIN_REFUSED", RETURN_CODE.badLogin];
  }

  #judgePublish(client: Client | null, packet: Parameters<typeof judgePublication>[2]): boolean {
    if (client === null) return false;
    const verdict: Result<MeshTopic, AccessFault> = judgePublication(this.#options.root, client.id, packet);
    if (!verdict.ok) {
      this.#tell({ ...verdict.fault, clientId: client.id });
      return false;
    }
    const isPermitted = this.#options.mayPublish?.(client.id, verdict.value) ?? true;
    if (!isPermitted) this.#refuse(client, "MESH_NOT_PERMITTED", packet.topic);
    return isPermitted;
  }

  #maySubscribe(client: Client, filter: string): boolean {
    const filters = this.#guests.get(client)?.filters;
    const verdict = judgeSubscription(this.#options.root, client.id, filter);
    if (!verdict.ok) {
      this.#tell({ ...verdict.fault, clientId: client.id });
      return false;
    }
    if (filters === undefined || (filters.size >= this.#limits.filtersMax && !filters.has(filter))) {
      this.#refuse(client, "MESH_TOO_MANY_FILTERS", filter);
      return false;
    }
    filters.add(filter);
    return true;
  }

  /** Ends that have been told already, or are a plain hang-up. */
  #isKnownEnd(error: Error & { readonly code?: unknown }): boolean {
    return error.message === REFUSED || error.code === "ECONNRESET" || error.code === "EPIPE";
  }

  #refuse(client: Client, code: Extract<BrokerRefusal, { asked: string }>["code"], asked: string): void {
    this.#tell({ code, asked, clientId: this.#guests.get(client)?.clientId });
  }

  #tell(refusal: BrokerRefusal): void {
    this.#options.onRefusal?.(refusal);
  }
}

const REFUSED = "refused";
