/**
 * The byte stream between a socket and an MQTT engine, with the bounds that neither engine has: no packet longer than
 * allowed comes in, a peer that sends too fast is read more slowly (TCP then slows it down), and what the peer does not
 * read is bounded.
 *
 * Writing never reports back-pressure: one slow reader must not make the engine wait with everybody's messages. The
 * owner asks `backlogBytes` and leaves messages out; a peer whose backlog grows beyond the limit all the same is cut
 * off.
 */
import { Duplex } from "node:stream";
import type { Socket } from "node:net";
import { TokenBucket, type Rate } from "#core/mesh/token-bucket.ts";
import { PACKET, PacketMeter, type PacketHead } from "./packet-meter.ts";

export interface StreamBounds {
  /** Asked at each packet, because a peer that has not logged in yet is allowed less. */
  readonly packetBytesMax: () => number;
  /** Whether a longer packet is left out, or ends the connection. */
  readonly tooLong: "leave-out" | "cut-off";
  readonly backlogBytesMax: number;
  /**
   * Absent: as fast as they come. Acknowledgements are free, or many messages to a peer would use up what it may send.
   */
  readonly packetRate?: Rate;
  readonly byteRate?: Rate;
}

export interface StreamFault {
  readonly code: "MQTT_PACKET_TOO_LONG" | "MQTT_MALFORMED" | "MQTT_PEER_TOO_SLOW";
  /** Length of the packet or of the backlog. */
  readonly bytes: number;
}

export class MeteredStream extends Duplex {
  readonly #socket: Socket;
  readonly #bounds: StreamBounds;
  readonly #onFault: (fault: StreamFault) => void;
  readonly #meter: PacketMeter;
  readonly #packets: TokenBucket | undefined;
  readonly #bytes: TokenBucket | undefined;
  #packetsOfChunk = 0;
  #hasRoom = true;
  #resting: NodeJS.Timeout | undefined;

  constructor(socket: Socket, bounds: StreamBounds, onFault: (fault: StreamFault) => void) {
    super({ writableHighWaterMark: bounds.backlogBytesMax, allowHalfOpen: false });
    this.#socket = socket;
    this.#bounds = bounds;
    this.#onFault = onFault;
    const nowMs = performance.now();
    this.#packets = bounds.packetRate && new TokenBucket(bounds.packetRate, nowMs);
    this.#bytes = bounds.byteRate && new TokenBucket(bounds.byteRate, nowMs);
    this.#meter = new PacketMeter({
      pass: (bytes) => (this.#hasRoom = this.push(bytes)),
      accept: (head) => this.#accept(head),
      leftOut: (_, packetId) => {
        if (packetId !== undefined) this.#acknowledge(packetId);
      },
      broken: () => {
        this.#cutOff({ code: "MQTT_MALFORMED", bytes: 0 });
      },
    });
    this.#listen();
  }

  /** What has been written and the peer has not taken yet. */
  get backlogBytes(): number {
    return this.#socket.writableLength + this.writableLength;
  }

  override _read(): void {
    this.#hasRoom = true;
    this.#readOn();
  }

  override _write(chunk: Uint8Array, _encoding: string, done: () => void): void {
    this.#send(chunk);
    done();
  }

  override _writev(chunks: readonly { chunk: Uint8Array }[], done: () => void): void {
    this.#socket.cork();
    for (const { chunk } of chunks) this.#send(chunk);
    this.#socket.uncork();
    done();
  }

  override _final(done: () => void): void {
    this.#socket.end();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearTimeout(this.#resting);
    this.#socket.destroy();
    done(error);
  }

  #listen(): void {
    this.#socket.on("data", (chunk: Uint8Array) => {
      this.#receive(chunk);
    });
    this.#socket.on("end", () => this.push(null));
    this.#socket.on("error", (error) => this.destroy(error));
    this.#socket.on("close", () => this.destroy());
  }

  #receive(chunk: Uint8Array): void {
    this.#packetsOfChunk = 0;
    this.#meter.feed(chunk);
    const nowMs = performance.now();
    const restMs = Math.max(
      this.#packets?.spend(nowMs, this.#packetsOfChunk) ?? 0,
      this.#bytes?.spend(nowMs, chunk.length) ?? 0,
    );
    if (restMs > 0) this.#rest(restMs);
    else if (!this.#hasRoom) this.#socket.pause();
  }

  #accept(head: PacketHead): boolean {
    if (head.type !== PACKET.puback) this.#packetsOfChunk += 1;
    if (head.bytes <= this.#bounds.packetBytesMax()) return true;
    const fault = { code: "MQTT_PACKET_TOO_LONG", bytes: head.bytes } as const;
    if (this.#bounds.tooLong === "cut-off") this.#cutOff(fault);
    else this.#onFault(fault);
    return false;
  }

  #rest(restMs: number): void {
    this.#socket.pause();
    clearTimeout(this.#resting);
    this.#resting = setTimeout(() => {
      this.#resting = undefined;
      this.#readOn();
    }, restMs);
  }

  #readOn(): void {
    if (this.#hasRoom && this.#resting === undefined) this.#socket.resume();
  }

  #send(chunk: Uint8Array): void {
    if (this.destroyed) return;
    this.#socket.write(chunk);
    const bytes = this.#socket.writableLength;
    if (bytes > this.#bounds.backlogBytesMax) this.#cutOff({ code: "MQTT_PEER_TOO_SLOW", bytes });
  }

  /** Section 3.4. A sender at QoS 1 has a window of such messages and would fall silent when we left it to fill up. */
  #acknowledge(packetId: number): void {
    this.#send(Uint8Array.of(PACKET.puback << 4, 2, packetId >>> 8, packetId & 0xff));
  }

  #cutOff(fault: StreamFault): void {
    if (this.destroyed) return;
    this.#onFault(fault);
    this.destroy();
  }
}
