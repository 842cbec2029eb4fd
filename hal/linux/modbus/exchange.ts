/** One request and what came of it. */
import type ModbusLibrary from "modbus-serial";

import type { Cancel, Clock } from "#hal/ports/clock.ts";
import { COIL_ON, type ReadRegisters, type WriteRegisters } from "#hal/ports/register-bus.ts";
import type { FrameDiagnosis } from "#hal/protocols/modbus/framing.ts";
import { FRAME_BYTES_MAX } from "#hal/protocols/modbus/answer-shape.ts";
import type { LineTiming } from "./line-timing.ts";
import type { LinkPort } from "./link-port.ts";

export type ModbusClient = InstanceType<typeof ModbusLibrary.default>;
export type BusRequest = ReadRegisters | WriteRegisters;
/** What of a request goes onto the line, and how long its answer may take. */
export type Question = Pick<BusRequest, "unit" | "address" | "answerMs"> &
  (Pick<ReadRegisters, "functionCode" | "count"> | Pick<WriteRegisters, "functionCode" | "words">);

export type Outcome =
  | { readonly kind: "answered"; readonly words: readonly number[]; readonly tookMs: number }
  | { readonly kind: "exception"; readonly exception: number; readonly tookMs: number }
  | { readonly kind: "silent"; readonly waitedMs: number }
  | { readonly kind: "bad-frame"; readonly diagnosis: FrameDiagnosis }
  | { readonly kind: "lost"; readonly reason: string };

export interface ExchangeParts {
  readonly client: ModbusClient;
  readonly port: LinkPort;
  readonly clock: Clock;
  readonly timing: LineTiming;
}

/** USB adapters hold bytes back for up to 16 ms, slow devices pause inside a frame: the end of bytes is not sooner. */
const INTER_BYTE_MS = 100;

/** Ends by itself, whatever the line does: at the answer, or when the time for its first byte and the rest is over. */
export function runExchange(parts: ExchangeParts, question: Question): Promise<Outcome> {
  const { client, port, clock, timing } = parts;
  const requestBytes = "words" in question ? 9 + 2 * question.words.length : 8;
  const sentAtMs = clock.monotonicMs() + requestBytes * timing.characterMs;
  const firstByteByMs = sentAtMs + question.answerMs;
  const endByMs = firstByteByMs + FRAME_BYTES_MAX * timing.characterMs * 1.5 + 10 * INTER_BYTE_MS;

  return new Promise((resolve) => {
    let cancel: Cancel = clock.wakeAt(firstByteByMs, giveUp);
    const settle = (outcome: Outcome): void => {
      cancel();
      port.watch(NOBODY);
      resolve(outcome);
    };
    function giveUp(): void {
      const diagnosis = port.framing.diagnose();
      if (diagnosis !== undefined) settle({ kind: "bad-frame", diagnosis });
      else settle({ kind: "silent", waitedMs: question.answerMs });
    }
    const tookMs = (): number => Math.max(0, clock.monotonicMs() - sentAtMs);

    port.watch({
      onBytes: () => {
        cancel();
        // A stray byte at the turn of direction must not end the wait for the answer itself.
        const untilMs = Math.max(firstByteByMs, clock.monotonicMs() + INTER_BYTE_MS);
        cancel = clock.wakeAt(Math.min(untilMs, endByMs), giveUp);
      },
      onLost: (reason) => {
        settle({ kind: "lost", reason });
      },
    });
    ask(client, question, (error, words) => {
      if (error === null) settle({ kind: "answered", words, tookMs: tookMs() });
      else if (exceptionIn(error) !== undefined) {
        settle({ kind: "exception", exception: exceptionIn(error) ?? 0, tookMs: tookMs() });
      } else if (port.lostReason !== undefined) settle({ kind: "lost", reason: port.lostReason });
      else giveUp();
    });
  });
}

const NOBODY = { onBytes: () => undefined, onLost: () => undefined };

type Done = (error: Error | null, words: readonly number[]) => void;

function ask(client: ModbusClient, question: Question, done: Done): void {
  const { unit, address } = question;
  // The library has no time limit of its own here: the clock above is the only one.
  const onRead = (error: Error | null, answer?: { data: number[] }): void => {
    done(error, answer?.data ?? []);
  };
  const onWritten = (error: Error | null): void => {
    done(error, []);
  };
  switch (question.functionCode) {
    case 1:
      client.writeFC1(unit, address, question.count, (error, answer?: { data: boolean[] }) => {
        done(error, (answer?.data ?? []).slice(0, question.count).map(Number));
      });
      return;
    case 3:
      client.writeFC3(unit, address, question.count, onRead);
      return;
    case 4:
      client.writeFC4(unit, address, question.count, onRead);
      return;
    case 5:
      client.writeFC5(unit, address, question.words[0] === COIL_ON, onWritten);
      return;
    case 6:
      client.writeFC6(unit, address, question.words[0] ?? 0, onWritten);
      return;
    case 16:
      client.writeFC16(unit, address, [...question.words], onWritten);
  }
}

function exceptionIn(error: Error): number | undefined {
  return "modbusCode" in error && typeof error.modbusCode === "number" ? error.modbusCode : undefined;
}
