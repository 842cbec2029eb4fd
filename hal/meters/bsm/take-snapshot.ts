/**
 * Has a BSM-WS36A make a signed snapshot of its present values, and reads it with the key that the meter gives. Only
 * that kind of snapshot: two of the others switch the contactor.
 */
import { fail, ok, type Result } from "#base/result.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { MeterFault } from "#hal/ports/energy-meter.ts";
import type { BusFault, RegisterBus, RegisterRequest } from "#hal/ports/register-bus.ts";
import { meterFaultOf } from "../describe-bus-fault.ts";
import { decodeSnapshot, type BsmSnapshot } from "./decode-snapshot.ts";
import {
  BSM_REGISTERS,
  SNAPSHOT_STATUS_TEXTS,
  SNAPSHOT_UPDATING,
  SNAPSHOT_VALID,
  STATUS_OFFSET,
} from "./snapshot-layout.ts";

export interface SnapshotParts {
  readonly bus: RegisterBus;
  readonly clock: Clock;
}

export interface TakenSnapshot {
  readonly snapshot: BsmSnapshot;
  /** SubjectPublicKeyInfo in DER, as the meter says it: whose it is, the meter cannot prove. */
  readonly publicKey: Uint8Array;
}

export type SnapshotFault =
  | MeterFault
  /** The meter says that it could not. */
  | { readonly code: "SNAPSHOT_FAILED"; readonly status: number; readonly reason: string }
  | { readonly code: "SNAPSHOT_LATE"; readonly waitedMs: number }
  /** What was read is no new snapshot of this meter: an old one, another model, or registers that cannot be. */
  | { readonly code: "SNAPSHOT_UNUSABLE"; readonly reason: string };

/** The maker gives it as long. */
export const SNAPSHOT_MS_MAX = 15_000;
const ASK_EVERY_MS = 250;
const ANSWER_MS = 1_000;
const DEADLINE_MS = 3_000;
/** The values of 252 registers in three reads of one size. */
const WORDS_PER_READ = 84;
const TRIES = 2;

/** Settles within half a minute. */
export async function takeSnapshot(parts: SnapshotParts, unit: number): Promise<Result<TakenSnapshot, SnapshotFault>> {
  const line = new SnapshotLine(parts, unit);
  const key = await readKey(line);
  if (!key.ok) return key;
  const before = await line.read(BSM_REGISTERS.responseCounter, 2);
  if (!before.ok) return before;
  const made = await makeSnapshot(line, parts.clock);
  if (!made.ok) return made;
  const words = await readSnapshot(line);
  if (!words.ok) return words;
  const snapshot = decodeSnapshot(words.value);
  if (!snapshot.ok) return unusable(snapshot.fault);
  const { kind, status, responseCounter } = snapshot.value;
  if (kind !== 0 || status !== SNAPSHOT_VALID) return unusable(`kind ${kind} with status ${status}`);
  const counterBefore = (before.value[0] ?? 0) * 0x1_0000 + (before.value[1] ?? 0);
  if (responseCounter === counterBefore) return unusable(`number ${responseCounter} is an old one`);
  return ok({ snapshot: snapshot.value, publicKey: key.value });
}

/** Makes sure that the registers are those of this meter, too. */
async function readKey(line: SnapshotLine): Promise<Result<Uint8Array, SnapshotFault>> {
  for (const { address, id, length } of [BSM_REGISTERS.meter, BSM_REGISTERS.currentSnapshot]) {
    const head = await line.read(address, 2);
    if (!head.ok) return head;
    const [foundId, foundLength] = head.value;
    if (foundId !== id || foundLength !== length) {
      return unusable(`model ${foundId} of length ${foundLength} at ${address} in place of ${id} of ${length}`);
    }
  }
  const { address, count } = BSM_REGISTERS.publicKey;
  const words = await line.read(address, count);
  if (!words.ok) return words;
  const [registers = 0, bytes = 0, ...key] = words.value;
  if (registers > key.length || bytes > 2 * registers || bytes === 0) return unusable(`a public key of ${bytes} bytes`);
  return ok(Uint8Array.from(key.flatMap((word) => [word >> 8, word & 0xff])).slice(0, bytes));
}

async function makeSnapshot(line: SnapshotLine, clock: Clock): Promise<Result<void, SnapshotFault>> {
  const statusAddress = VALUES_ADDRESS + STATUS_OFFSET;
  const startedMs = clock.monotonicMs();
  const started = await line.write(statusAddress, SNAPSHOT_UPDATING);
  // A lost acknowledgement does not mean that nothing was started: the status tells.
  if (!started.ok && started.fault.code !== "METER_SILENT" && started.fault.code !== "METER_BAD_FRAME") return started;
  for (;;) {
    const status = await line.read(statusAddress, 1);
    if (!status.ok) return status;
    const [value = SNAPSHOT_UPDATING] = status.value;
    if (value === SNAPSHOT_VALID) return ok(undefined);
    if (value !== SNAPSHOT_UPDATING) {
      const reason = SNAPSHOT_STATUS_TEXTS[value] ?? "a status that the maker does not list";
      return fail({ code: "SNAPSHOT_FAILED", status: value, reason });
    }
    const waitedMs = clock.monotonicMs() - startedMs;
    if (waitedMs >= SNAPSHOT_MS_MAX) return fail({ code: "SNAPSHOT_LATE", waitedMs });
    await new Promise<void>((resolve) => {
      clock.wakeAt(clock.monotonicMs() + ASK_EVERY_MS, resolve);
    });
  }
}

const VALUES_ADDRESS = BSM_REGISTERS.currentSnapshot.address + 2;

async function readSnapshot(line: SnapshotLine): Promise<Result<readonly number[], SnapshotFault>> {
  const words: number[] = [];
  while (words.length < BSM_REGISTERS.currentSnapshot.length) {
    const part = await line.read(VALUES_ADDRESS + words.length, WORDS_PER_READ);
    if (!part.ok) return part;
    words.push(...part.value);
  }
  return ok(words);
}

class SnapshotLine {
  readonly #parts: SnapshotParts;
  readonly #unit: number;

  constructor(parts: SnapshotParts, unit: number) {
    this.#parts = parts;
    this.#unit = unit;
  }

  async read(address: number, count: number): Promise<Result<readonly number[], MeterFault>> {
    const { bus } = this.#parts;
    const request = { ...this.#request(address), functionCode: 3, count } as const;
    let answer = await bus.read(request);
    for (let tries = 1; tries < TRIES && !answer.ok && isLineFault(answer.fault); tries += 1) {
      answer = await bus.read(request);
    }
    return answer.ok ? ok(answer.value.words) : fail(meterFaultOf(answer.fault, bus.endpoint, this.#unit));
  }

  async write(address: number, word: number): Promise<Result<void, MeterFault>> {
    const { bus } = this.#parts;
    const answer = await bus.write({ ...this.#request(address), functionCode: 16, words: [word] });
    return answer.ok ? ok(undefined) : fail(meterFaultOf(answer.fault, bus.endpoint, this.#unit));
  }

  #request(address: number): RegisterRequest {
    const times = { answerMs: ANSWER_MS, deadlineMs: DEADLINE_MS, pauseMs: 0 };
    return { unit: this.#unit, address, priority: "normal", ...times };
  }
}

function isLineFault({ code }: BusFault): boolean {
  return code === "BUS_SILENT" || code === "BUS_BAD_FRAME";
}

function unusable(reason: string): Result<never, SnapshotFault> {
  return fail({ code: "SNAPSHOT_UNUSABLE", reason });
}
