/**
 * One request from the line to its last printed line: the search for a bus, the frames and what becomes of them on the
 * way out, and how it ends. The prompt is the adapter's.
 */
import type { CanFrame } from "#hal/ports/can-bus.ts";
import type { Cancel, Clock } from "#hal/ports/clock.ts";
import { AdaptiveTiming } from "./adaptive-timing.ts";
import { type AdapterChance, type Notice, NOTICES, type PlannedDamage } from "./adapter-faults.ts";
import { type AdapterSettings, requestId } from "./adapter-settings.ts";
import { BusRequest } from "./bus-request.ts";
import { frameLines } from "./frame-text.ts";
import { spoilLine } from "./line-faults.ts";
import type { PacedOutput } from "./paced-output.ts";
import type { AdapterPersona } from "./personas.ts";
import type { RequestLine } from "./request-line.ts";
import type { SimulatedCar } from "./simulated-car.ts";

export interface ExchangeDependencies {
  readonly clock: Clock;
  readonly car: SimulatedCar;
  readonly output: PacedOutput;
  readonly chance: AdapterChance;
}

export interface ExchangeEnd {
  /** What is still to be printed in front of the prompt. */
  readonly lines: readonly string[];
  readonly notice?: Notice;
  /** No prompt will come, and nothing else. */
  readonly freezes?: boolean;
}

interface Running {
  readonly command: string;
  readonly request: RequestLine;
  readonly settings: AdapterSettings;
  readonly lineEnd: string;
  readonly damage: PlannedDamage | undefined;
  readonly lines: string[];
}

type IdBits = 11 | 29;

const NOTICE_AFTER_MS = 25;

export class AdapterExchange {
  readonly #dependencies: ExchangeDependencies;
  readonly #persona: AdapterPersona;
  readonly #onEnd: (end: ExchangeEnd) => void;
  readonly #timing = new AdaptiveTiming();
  /** Last replies, by what was asked of whom. */
  readonly #previous = new Map<string, readonly string[]>();
  #busRequest: BusRequest | undefined;
  #cancel: Cancel = () => undefined;

  constructor(dependencies: ExchangeDependencies, persona: AdapterPersona, onEnd: (end: ExchangeEnd) => void) {
    this.#dependencies = dependencies;
    this.#persona = persona;
    this.#onEnd = onEnd;
  }

  /** `onEnd` is called once, unless it is stopped before or hangs. */
  start(command: string, request: RequestLine, settings: AdapterSettings): void {
    const { chance, car, output } = this.#dependencies;
    const { faults } = chance;
    if (chance.fires("hang", faults.hang)) return;
    const notice = car.isBusCut ? "canError" : chance.drawNotice();
    if (notice !== undefined) {
      this.#endLater({ lines: [NOTICES[notice]], notice });
      return;
    }
    const lineEnd = settings.linefeeds ? "\r\n" : "\r";
    const running = { command, request, settings, lineEnd, damage: chance.drawDamage(), lines: [] };
    const isSearching = settings.protocol === "0";
    if (isSearching || chance.fires("searching", faults.searching)) {
      output.push(`SEARCHING...${chance.random.chance(0.5) ? lineEnd : ""}`);
    }
    const buses = busesOf(settings);
    if (buses.fault !== undefined) this.#endLater({ lines: [buses.fault] });
    else this.#ask(running, buses.idBits);
  }

  stop(): void {
    this.#cancel();
    this.#busRequest?.stop();
    this.#busRequest = undefined;
  }

  /** Another time-out was set: how much less will do is learned anew. */
  forgetTiming(): void {
    this.#timing.forget();
  }

  /** After a reset nothing is known of the car. */
  forget(): void {
    this.#timing.forget();
    this.#previous.clear();
  }

  /** On each of these buses until one answers. */
  #ask(running: Running, [idBits, ...others]: readonly IdBits[]): void {
    if (idBits === undefined) {
      this.#end({ lines: ["UNABLE TO CONNECT"] });
      return;
    }
    const { clock, car } = this.#dependencies;
    const { request, settings } = running;
    const header = request.header === null ? settings.header : { value: request.header, isWhole: idBits === 29 };
    this.#busRequest = new BusRequest(
      { clock, car, timing: this.#timing },
      { ...settings, header },
      {
        onFrame: (frame) => {
          this.#print(running, frame);
        },
        onEnd: (frames) => {
          if (frames === 0 && settings.protocol === "0") this.#ask(running, others);
          else this.#finish(running, frames);
        },
      },
    );
    const content = settings.formatting ? [request.bytes.length, ...request.bytes] : request.bytes;
    this.#busRequest.start({ idBits, content, framesMax: request.framesMax });
  }

  #print(running: Running, frame: CanFrame): void {
    const { output, chance } = this.#dependencies;
    const lines = frameLines(frame, running.settings, this.#persona);
    running.lines.push(...lines);
    if (running.damage === undefined) {
      for (const line of lines) output.push(spoilLine(line, running.lineEnd, chance.faults, chance));
    }
    if (running.lines.length > this.#persona.replyLinesMax) {
      this.#end({ lines: [], freezes: true });
      return;
    }
    const isFull = output.waitingBytes > this.#persona.outputBufferBytes;
    if (isFull || chance.fires("bufferFull", chance.faults.bufferFull)) this.#end({ lines: ["BUFFER FULL"] });
  }

  #finish(running: Running, frames: number): void {
    const { output, chance } = this.#dependencies;
    const { settings, lines, damage, command, lineEnd } = running;
    const unit = `${settings.protocol} ${requestId(settings, 29)} ${settings.extension ?? ""}`;
    const previous = this.#previous.get(unit) ?? [];
    if (damage !== undefined && frames > 0) {
      const damaged = chance.damage(damage, { lines, previous, command });
      for (const line of damaged) output.push(`${line}${lineEnd}`);
    }
    if (frames > 0) this.#previous.set(unit, lines);
    this.#end({ lines: frames === 0 ? ["NO DATA"] : [] });
  }

  #endLater(end: ExchangeEnd): void {
    const { clock } = this.#dependencies;
    this.#cancel = clock.wakeAt(clock.monotonicMs() + NOTICE_AFTER_MS, () => {
      this.#end(end);
    });
  }

  #end(end: ExchangeEnd): void {
    this.stop();
    this.#onEnd(end);
  }
}

/** Which identifiers the protocol has on this car's bus of 500 kbit/s, or how others fail on it. */
function busesOf({ protocol, userProtocol }: AdapterSettings): {
  readonly idBits: readonly IdBits[];
  readonly fault?: string;
} {
  switch (protocol) {
    case "0":
      return { idBits: [11, 29] };
    case "6":
      return { idBits: [11] };
    case "7":
      return { idBits: [29] };
    case "B":
      return userProtocol.kilobits === 500 ? { idBits: [userProtocol.idBits] } : { idBits: [], fault: "CAN ERROR" };
    case "8":
    case "9":
    case "A":
    case "C":
      return { idBits: [], fault: "CAN ERROR" };
    default:
      return { idBits: [], fault: "BUS INIT: ...ERROR" };
  }
}
