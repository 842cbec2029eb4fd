/**
 * An adapter with the habits of imitations, at the far end of a byte link, with one control unit behind it. It is not
 * the simulated adapter of the bench: no timing, no bus, only what it says to what.
 */
import { fromHex, toHex } from "#base/bytes.ts";
import type { ByteLink } from "#hal/ports/byte-link.ts";
import type { Clock } from "#hal/ports/clock.ts";
import { type EcuAddress, idDigits } from "#hal/protocols/obd/ecu-address.ts";

export interface Quirks {
  readonly banner?: string;
  /** Starts of commands that it does not know. */
  readonly unknown?: readonly string[];
  readonly saysOkToAnything?: boolean;
  /** Starts of commands at which it freezes until the link is opened anew. */
  readonly deadly?: readonly string[];
  /** OK to ATFCSM1, and no flow control frame with it. */
  readonly ownFlowControlFails?: boolean;
  /** Nor with its own rule. */
  readonly flowControlFails?: boolean;
  /** With ATCAF1 the protocol bytes are not printed. */
  readonly hidesProtocolBytes?: boolean;
  readonly truncatesTo?: number;
  /** The digit becomes part of the request, or the whole is unknown. */
  readonly countDigit?: "honoured" | "ignored" | "swallowed" | "refused";
  /** Wait for more after the last line, which an honoured digit saves. */
  readonly silenceMs?: number;
  readonly replies?: Readonly<Record<string, string>>;
}

export class QuirkyAdapter {
  readonly commands: string[] = [];
  readonly requests: string[] = [];
  /** What the control unit answers to a request in hex; undefined says nothing. */
  answer: (request: string) => string | readonly string[] | undefined;
  quirks: Quirks;
  readonly #link: ByteLink;
  readonly #clock: Clock;
  readonly #ecu: EcuAddress;
  #input = "";
  #settings = new Map<string, string>();
  #isFrozen = false;

  constructor(
    parts: { readonly link: ByteLink; readonly clock: Clock; readonly ecu: EcuAddress },
    quirks: Quirks,
    answer: QuirkyAdapter["answer"],
  ) {
    this.#link = parts.link;
    this.#clock = parts.clock;
    this.#ecu = parts.ecu;
    this.quirks = quirks;
    this.answer = answer;
  }

  async plugIn(): Promise<void> {
    await this.#link.open({
      onData: (bytes) => {
        for (const byte of bytes) this.#receive(String.fromCharCode(byte));
      },
      onClose: () => undefined,
    });
  }

  /** Something nobody asked for. */
  say(text: string): void {
    void this.#link.write(new TextEncoder().encode(text));
  }

  reboot(): void {
    this.#settings = new Map();
    this.say(`\r\r${this.#banner}\r\r>`);
  }

  thaw(): void {
    this.#isFrozen = false;
    this.#input = "";
  }

  get #banner(): string {
    return this.quirks.banner ?? "ELM327 v1.5";
  }

  #receive(character: string): void {
    if (this.#isFrozen) return;
    if (character !== "\r") {
      this.#input += character;
      return;
    }
    const command = this.#input.toUpperCase();
    this.#input = "";
    this.commands.push(command);
    const isDeadly = this.quirks.deadly?.some((start) => command.startsWith(start)) === true;
    if (isDeadly) this.#isFrozen = true;
    else this.#obey(command);
  }

  #obey(command: string): void {
    const reply = this.quirks.replies?.[command];
    if (reply !== undefined) this.say(reply);
    else if (command === "ATZ") this.reboot();
    else if (this.quirks.unknown?.some((start) => command.startsWith(start)) === true) this.say("?\r\r>");
    else if (command.startsWith("AT")) this.#set(command);
    else if (/^[0-9A-F]+$/.test(command)) this.#ask(command);
    else this.say(this.quirks.saysOkToAnything === true ? "OK\r\r>" : "?\r\r>");
  }

  #set(command: string): void {
    const name = KNOWN.find((start) => command.startsWith(start));
    if (command === "ATRV") this.say("12.6V\r\r>");
    else if (name === undefined && this.quirks.saysOkToAnything !== true) this.say("?\r\r>");
    else {
      this.#settings.set(name ?? command, command.slice((name ?? command).length));
      this.say("OK\r\r>");
    }
  }

  #ask(command: string): void {
    const hasDigit = command.length % 2 === 1;
    const { countDigit = "honoured", truncatesTo = 8 } = this.quirks;
    if (hasDigit && countDigit === "refused") {
      this.say("?\r\r>");
      return;
    }
    const typed = hasDigit && countDigit === "swallowed" ? `${command}0` : command.slice(0, command.length & ~1);
    const sent = fromHex(typed)?.subarray(0, truncatesTo) ?? new Uint8Array();
    const lines = this.#linesOf(this.#requestOf(sent));
    const isShort = hasDigit && countDigit === "honoured";
    const waitMs = isShort ? 1 : (this.quirks.silenceMs ?? 1);
    const text = lines.length === 0 ? "NO DATA\r" : lines.map((line) => `${line}\r`).join("");
    this.#clock.wakeAt(this.#clock.monotonicMs() + waitMs, () => {
      this.say(`${text}\r>`);
    });
  }

  /** What reaches the unit, or undefined when it is addressed in another way. */
  #requestOf(sent: Uint8Array): string | undefined {
    const isRaw = this.#settings.get("ATCAF") === "0";
    const { extension } = this.#ecu;
    const extended = this.#settings.get("ATCEA") ?? "";
    if (!isRaw) {
      const wanted = extension === undefined ? "" : extension.ecu.toString(16).toUpperCase().padStart(2, "0");
      return extended === wanted ? toHex(sent).toUpperCase() : undefined;
    }
    const start = extension === undefined ? 0 : 1;
    if (extension !== undefined && sent[0] !== extension.ecu) return undefined;
    const length = sent[start] ?? 0;
    return length === sent.length - start - 1 ? toHex(sent.subarray(start + 1)).toUpperCase() : undefined;
  }

  #linesOf(request: string | undefined): readonly string[] {
    if (request === undefined) return [];
    this.requests.push(request);
    const answer = this.answer(request);
    if (answer === undefined) return [];
    const messages = typeof answer === "string" ? [answer] : answer;
    return messages.flatMap((message) => this.#framesOf(fromHex(message) ?? new Uint8Array()));
  }

  #framesOf(message: Uint8Array): readonly string[] {
    const prefix = this.#ecu.extension === undefined ? [] : [this.#ecu.extension.tester];
    const room = 7 - prefix.length;
    const header = idDigits(this.#ecu.responseId, this.#ecu.idBits);
    const hides = this.quirks.hidesProtocolBytes === true && this.#settings.get("ATCAF") !== "0";
    const print = (control: readonly number[], data: Uint8Array): string => {
      const bytes = Uint8Array.from([...prefix, ...(hides ? [] : control), ...data]);
      const padded = new Uint8Array(Math.max(bytes.length, hides ? 0 : 8)).fill(0xaa);
      padded.set(bytes);
      return `${header}${toHex(padded).toUpperCase()}`;
    };
    if (message.length <= room) return [print([message.length], message)];
    const first = room - 1;
    const lines = [print([0x10 | (message.length >> 8), message.length & 0xff], message.subarray(0, first))];
    if (this.#isFlowControlled()) {
      for (let start = first; start < message.length; start += room) {
        lines.push(print([0x20 | (lines.length & 0x0f)], message.subarray(start, start + room)));
      }
    }
    return lines;
  }

  #isFlowControlled(): boolean {
    if (this.#settings.get("ATFCSM") === "1") return this.quirks.ownFlowControlFails !== true;
    return this.quirks.flowControlFails !== true;
  }
}

/** Longest first, so that ATFCSH is not taken for ATFC. */
const KNOWN = [
  "ATFCSH",
  "ATFCSD",
  "ATFCSM",
  "ATCAF",
  "ATCRA",
  "ATCEA",
  "ATCP",
  "ATSP",
  "ATSH",
  "ATST",
  "ATAT",
  "ATAL",
  "ATTA",
  "ATE",
  "ATL",
  "ATS",
  "ATH",
] as const;
