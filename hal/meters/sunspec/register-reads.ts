/** Single reads of a device of which nothing is known yet, repeated once where the line may be to blame. */
import { fail, type Result } from "#base/result.ts";
import type { BusFault } from "#hal/ports/register-bus.ts";
import type { RegisterMap } from "#hal/protocols/modbus/register-map.ts";
import type { ModbusMeterParts } from "../modbus-meter.ts";
import type { ReadWords } from "./walk-chain.ts";

export interface ReadsOptions {
  readonly map: Pick<RegisterMap, "functionCode" | "pauseMs" | "answerMs">;
  readonly unit: number;
  /** Of the clock's monotonic time: every read settles by then. */
  readonly untilMs: number;
}

const TRIES = 2;
const REQUEST_DEADLINE_MS = 5_000;

export function registerReads({ bus, clock }: ModbusMeterParts, { map, unit, untilMs }: ReadsOptions): ReadWords {
  const { functionCode, pauseMs, answerMs } = map;
  const once = async (address: number, count: number): Promise<Result<readonly number[], BusFault>> => {
    const leftMs = untilMs - clock.monotonicMs();
    if (leftMs <= 0) return fail({ code: "BUS_SILENT", endpoint: bus.endpoint, unit, waitedMs: 0 });
    const answer = await bus.read({
      ...{ unit, functionCode, address, count, pauseMs, answerMs, priority: "normal" },
      deadlineMs: Math.min(REQUEST_DEADLINE_MS, leftMs),
    });
    return answer.ok ? { ok: true, value: answer.value.words } : answer;
  };
  return async (address, count) => {
    let answer = await once(address, count);
    for (let tries = 1; tries < TRIES && !answer.ok && isWorthRepeating(answer.fault); tries += 1) {
      answer = await once(address, count);
    }
    return answer;
  };
}

function isWorthRepeating({ code }: BusFault): boolean {
  return code === "BUS_BAD_FRAME" || code === "BUS_SILENT";
}
