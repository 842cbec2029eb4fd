/**
 * Walks a stream of MQTT bytes by its fixed headers (MQTT 3.1.1, section 2.2), so that a packet is judged by its length
 * before anything gathers it in memory.
 */

/** First nibble of a packet (table 2.1). */
export const PACKET = { connect: 1, publish: 3, puback: 4, subscribe: 8 } as const;

export interface PacketHead {
  readonly type: number;
  readonly qos: number;
  /** Of the whole packet, its fixed header included. */
  readonly bytes: number;
}

/** What the owner of a stream does with its parts. */
export interface PacketSink {
  /** Bytes to hand on; a view into the fed chunk, possibly several packets or a part of one. */
  pass(bytes: Uint8Array): void;
  /** A packet begins; false when its bytes are to be left out. */
  accept(head: PacketHead): boolean;
  /** A packet was left out. `packetId` is that of a PUBLISH at QoS 1, which its sender wants acknowledged. */
  leftOut(head: PacketHead, packetId: number | undefined): void;
  /** The stream is no MQTT; nothing of it will be passed any more. */
  broken(): void;
}

/** Section 2.2.3: the remaining length takes at most four bytes. */
const LENGTH_BYTES_MAX = 4;
/** A PUBLISH that is left out is acknowledged only if its topic is shorter; ours all are. */
const TOPIC_BYTES_MAX = 256;

export class PacketMeter {
  readonly #sink: PacketSink;
  /** The bytes of a fixed header that is not complete yet. */
  #header: number[] = [];
  #packet: { readonly head: PacketHead; readonly isAccepted: boolean } | undefined;
  #bodyLeft = 0;
  /** The beginning of a body that is left out, as far as its packet id may lie. */
  #start: number[] = [];
  #isBroken = false;

  constructor(sink: PacketSink) {
    this.#sink = sink;
  }

  feed(chunk: Uint8Array): void {
    let passFrom = 0;
    let at = 0;
    while (at < chunk.length && !this.#isBroken) {
      if (!this.#isInPacket()) {
        const headerFrom = at - this.#header.length;
        at = this.#readHeader(chunk, at);
        if (!this.#isInPacket()) break;
        const isAccepted = this.#wasAccepted();
        if (isAccepted && headerFrom < 0) this.#sink.pass(Uint8Array.from(this.#header.slice(0, -headerFrom)));
        if (!isAccepted) {
          this.#pass(chunk, passFrom, headerFrom);
          passFrom = at;
        }
        this.#header = [];
      }
      const taken = Math.min(this.#bodyLeft, chunk.length - at);
      if (!this.#wasAccepted()) {
        this.#remember(chunk.subarray(at, at + taken));
        passFrom = at + taken;
      }
      at += taken;
      this.#bodyLeft -= taken;
      if (this.#bodyLeft === 0) this.#finish();
    }
    // The bytes of an incomplete header wait until the packet is judged.
    if (!this.#isBroken) this.#pass(chunk, passFrom, chunk.length - this.#header.length);
  }

  #isInPacket(): boolean {
    return this.#packet !== undefined;
  }

  #wasAccepted(): boolean {
    return this.#packet?.isAccepted ?? false;
  }

  #pass(chunk: Uint8Array, from: number, to: number): void {
    if (to > from) this.#sink.pass(chunk.subarray(from, to));
  }

  /** Reads on in the fixed header; the packet is known when it is complete. Returns where reading stopped. */
  #readHeader(chunk: Uint8Array, from: number): number {
    let at = from;
    while (at < chunk.length) {
      const byte = chunk[at] ?? 0;
      this.#header.push(byte);
      at += 1;
      if (this.#header.length > 1 && byte < 0x80) {
        this.#begin();
        return at;
      }
      if (this.#header.length > LENGTH_BYTES_MAX) {
        this.#isBroken = true;
        this.#sink.broken();
        return at;
      }
    }
    return at;
  }

  #begin(): void {
    const [first = 0, ...length] = this.#header;
    this.#bodyLeft = length.reduce((sum, byte, index) => sum + (byte & 0x7f) * 0x80 ** index, 0);
    const head = { type: first >>> 4, qos: (first >>> 1) & 3, bytes: this.#header.length + this.#bodyLeft };
    this.#packet = { head, isAccepted: this.#sink.accept(head) };
    this.#start = [];
  }

  #remember(body: Uint8Array): void {
    const room = TOPIC_BYTES_MAX + 4 - this.#start.length;
    if (room > 0) this.#start.push(...body.subarray(0, room));
  }

  #finish(): void {
    const packet = this.#packet;
    this.#packet = undefined;
    if (packet !== undefined && !packet.isAccepted) this.#sink.leftOut(packet.head, this.#packetId(packet.head));
  }

  /** Section 3.3.2: the topic's length in two bytes, the topic, then the packet id. */
  #packetId({ type, qos }: PacketHead): number | undefined {
    if (type !== PACKET.publish || qos !== 1) return undefined;
    const [high = 0, low = 0] = this.#start;
    const at = 2 + high * 256 + low;
    const [idHigh, idLow] = this.#start.slice(at, at + 2);
    return idHigh === undefined || idLow === undefined ? undefined : idHigh * 256 + idLow;
  }
}
