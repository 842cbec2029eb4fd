/**
 * A serial line whose speed nobody wrote down: each opening finds the one at which an adapter answers, and keeps it.
 * Adapters are sold with several, and the ELM327's own depends on a wire (data sheet, "Pin Descriptions": 38400 or
 * 9600). Bluetooth devices and network adapters ignore the speed and answer at the first.
 */
import { fail, ok, type Result } from "#base/result.ts";
import type { ByteLink, ByteLinkFault, ByteLinkListener } from "#hal/ports/byte-link.ts";
import type { Clock } from "#hal/ports/clock.ts";

export interface AutoBaudDependencies {
  readonly clock: Clock;
  /** The same line at a speed; only one of them is open at a time. */
  readonly linkAt: (baudRate: number) => ByteLink;
}

/** In the order in which they are tried: the ELM327's own two, then those of STN chips and of clones. */
export const ADAPTER_BAUD_RATES: readonly number[] = [38_400, 9_600, 115_200, 500_000, 230_400, 57_600];

/** An answer to a line of junk is a question mark and a prompt, within milliseconds; radio links take longer. */
export const PROBE_TIMEOUT_MS = 400;
/** The first junk may end an operation that was under way, or complete a line that stood in the adapter's buffer. */
const PROBES_EACH = 2;

export class AutoBaudLink implements ByteLink {
  readonly endpoint: string;
  readonly #clock: Clock;
  readonly #linkAt: (baudRate: number) => ByteLink;
  readonly #baudRates: readonly number[];
  #link: ByteLink | undefined;
  #baudRate: number | undefined;
  #openings = 0;

  constructor(dependencies: AutoBaudDependencies, baudRates: readonly number[] = ADAPTER_BAUD_RATES) {
    this.#clock = dependencies.clock;
    this.#linkAt = dependencies.linkAt;
    this.#baudRates = baudRates;
    this.endpoint = this.#linkAt(baudRates[0] ?? 0).endpoint;
  }

  /** At which an adapter answered last; undefined before the first. */
  get baudRate(): number | undefined {
    return this.#baudRate;
  }

  get isOpen(): boolean {
    return this.#link?.isOpen ?? false;
  }

  async open(listener: ByteLinkListener): Promise<Result<void, ByteLinkFault>> {
    this.#openings += 1;
    const opening = this.#openings;
    for (const baudRate of this.#inOrder()) {
      const found = await this.#tryAt(baudRate, listener, opening);
      if (!found.ok) return found;
      if (found.value) {
        this.#baudRate = baudRate;
        return ok(undefined);
      }
    }
    const tried = this.#baudRates.join(", ");
    return fail({ code: "LINK_UNREACHABLE", reason: `no adapter answers at ${tried} baud` });
  }

  write(bytes: Uint8Array): Promise<Result<void, ByteLinkFault>> {
    return this.#link?.write(bytes) ?? Promise.resolve(fail({ code: "LINK_CLOSED", reason: "the link is closed" }));
  }

  async close(): Promise<void> {
    this.#openings += 1;
    const link = this.#link;
    this.#link = undefined;
    await link?.close();
  }

  /** The one that answered last comes first. */
  #inOrder(): readonly number[] {
    const last = this.#baudRate;
    return last === undefined ? this.#baudRates : [last, ...this.#baudRates.filter((each) => each !== last)];
  }

  /** Whether an adapter answers; the link is open and its listener's then. A fault ends the search. */
  async #tryAt(baudRate: number, listener: ByteLinkListener, opening: number): Promise<Result<boolean, ByteLinkFault>> {
    const link = this.#linkAt(baudRate);
    const ear = new ProbeEar(this.#clock);
    this.#link = link;
    const opened = await link.open({
      onData: (bytes) => {
        if (!ear.hear(bytes)) listener.onData(bytes);
      },
      onClose: (reason) => {
        if (!ear.end()) listener.onClose(reason);
      },
    });
    if (!opened.ok) return opened;
    for (let probe = 0; probe < PROBES_EACH && this.#openings === opening && link.isOpen; probe += 1) {
      const heard = ear.listen(PROBE_TIMEOUT_MS);
      await link.write(PROBE);
      if (!(await heard)) continue;
      ear.handOver();
      return ok(true);
    }
    await link.close();
    return this.#openings === opening ? ok(false) : fail({ code: "LINK_CLOSED", reason: "closed by its owner" });
  }
}

/** Two characters that are part of no command and a line end. Never an empty line, which would repeat a command. */
const PROBE = Uint8Array.of(0x7f, 0x7f, 0x0d);

/** Listens until an adapter is recognised; from then on the bytes are somebody else's. */
class ProbeEar {
  readonly #clock: Clock;
  #text = "";
  #state: "probing" | "handed-over" | "ended" = "probing";
  #settle: ((isHeard: boolean) => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  listen(timeoutMs: number): Promise<boolean> {
    this.#text = "";
    return new Promise((resolve) => {
      const cancel = this.#clock.wakeAt(this.#clock.monotonicMs() + timeoutMs, () => this.#settle?.(false));
      this.#settle = (isHeard) => {
        cancel();
        this.#settle = undefined;
        resolve(isHeard);
      };
    });
  }

  /** False when the bytes are not for this ear. */
  hear(bytes: Uint8Array): boolean {
    if (this.#state === "handed-over") return false;
    this.#text = (this.#text + String.fromCharCode(...bytes.subarray(0, TEXT_MAX))).slice(-TEXT_MAX);
    if (ANSWER.test(this.#text)) this.#settle?.(true);
    return true;
  }

  handOver(): void {
    if (this.#state === "probing") this.#state = "handed-over";
  }

  /** The link has closed. False when the owner has to hear of it. */
  end(): boolean {
    const wasProbing = this.#state === "probing";
    this.#state = "ended";
    this.#settle?.(false);
    return wasProbing;
  }
}

const TEXT_MAX = 256;
/** At a wrong speed the bytes are noise; the echo of the probe, a question mark and a prompt are none. */
const ANSWER = /^[\0\x7f\r\n ]*\?[\0\r\n ]*>[\0\r\n ]*$/;
