/** Which requests fetch a set of registers: the fewest that the device and the line allow. */
import { assert } from "#base/assert.ts";
import type { RegisterBlock } from "./register-map.ts";

export interface WantedRegister {
  readonly functionCode: 3 | 4;
  /** First and number of the registers that have to come in one request: a value, with its exponent. */
  readonly address: number;
  readonly count: number;
  /** May not share a request with others. */
  readonly alone?: boolean;
  /** Given only as a part of these. */
  readonly block?: RegisterBlock;
}

export interface PlannedRead<Wanted extends WantedRegister> {
  readonly functionCode: 3 | 4;
  readonly address: number;
  readonly count: number;
  readonly registers: readonly Wanted[];
}

export interface ReadRules {
  readonly registersPerReadMax: number;
  readonly evenOnly: boolean;
  /** Registers in between that nobody asked for. */
  readonly gapRegistersMax: number;
}

/**
 * Takes the registers in order of address and lets each join the read before it as long as the rules hold. For ranges
 * on a line this gives the fewest reads, also where they overlap: whatever does not fit behind the first one of a read
 * does not fit behind a later one either. A value is never split, nor torn from its exponent.
 */
export function planReads<Wanted extends WantedRegister>(
  wanted: readonly Wanted[],
  rules: ReadRules,
): readonly PlannedRead<Wanted>[] {
  const reads: PlannedRead<Wanted>[] = [];
  for (const register of wanted.toSorted(byPlace)) {
    if (register.alone === true || register.block !== undefined) continue;
    const last = reads.at(-1);
    const joined = last === undefined ? undefined : join(last, register, rules);
    if (joined === undefined) reads.push(readOf([register], rules));
    else reads[reads.length - 1] = joined;
  }
  const apart = wanted.filter(({ alone }) => alone === true).map((register) => readOf([register], rules));
  const all = [...reads, ...apart, ...blockReads(wanted)].toSorted(byPlace);
  for (const read of all) assert(read.count <= rules.registersPerReadMax, "one value fits into one read");
  return all;
}

interface Placed {
  readonly functionCode: number;
  readonly address: number;
}

function byPlace(left: Placed, right: Placed): number {
  return left.functionCode - right.functionCode || left.address - right.address;
}

/** A read for each block that something is wanted of, exactly as large as it. */
function blockReads<Wanted extends WantedRegister>(wanted: readonly Wanted[]): readonly PlannedRead<Wanted>[] {
  const reads = new Map<string, PlannedRead<Wanted>>();
  for (const register of wanted) {
    const { functionCode, block, alone } = register;
    if (block === undefined || alone === true) continue;
    const { address, count } = block;
    const key = `${functionCode}:${address}+${count}`;
    const registers = [...(reads.get(key)?.registers ?? []), register];
    reads.set(key, { functionCode, address, count, registers });
  }
  return [...reads.values()];
}

function join<Wanted extends WantedRegister>(
  read: PlannedRead<Wanted>,
  register: Wanted,
  rules: ReadRules,
): PlannedRead<Wanted> | undefined {
  if (read.functionCode !== register.functionCode) return undefined;
  const end = Math.max(...read.registers.map((other) => other.address + other.count));
  if (register.address - end > rules.gapRegistersMax) return undefined;
  const joined = readOf([...read.registers, register], rules);
  return joined.count <= rules.registersPerReadMax ? joined : undefined;
}

function readOf<Wanted extends WantedRegister>(registers: readonly Wanted[], rules: ReadRules): PlannedRead<Wanted> {
  const [first] = registers;
  assert(first !== undefined, "a read is for something");
  const start = Math.min(...registers.map((register) => register.address));
  const end = Math.max(...registers.map((register) => register.address + register.count));
  const address = rules.evenOnly ? start - (start % 2) : start;
  const count = end - address;
  return { functionCode: first.functionCode, address, count: rules.evenOnly ? count + (count % 2) : count, registers };
}
