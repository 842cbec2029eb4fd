/** Which requests fetch a set of registers: the fewest that the device and the line allow. */
import { assert } from "#base/assert.ts";

export interface WantedRegister {
  readonly functionCode: 3 | 4;
  readonly address: number;
  readonly count: number;
  /** May not share a request with others. */
  readonly alone?: boolean;
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
 * on a line this gives the fewest reads. A value is never split.
 */
export function planReads<Wanted extends WantedRegister>(
  wanted: readonly Wanted[],
  rules: ReadRules,
): readonly PlannedRead<Wanted>[] {
  const sorted = wanted.toSorted(
    (left, right) => left.functionCode - right.functionCode || left.address - right.address,
  );
  const reads: PlannedRead<Wanted>[] = [];
  for (const register of sorted) {
    const last = reads.at(-1);
    const joined = last === undefined ? undefined : join(last, register, rules);
    if (joined === undefined) reads.push(readOf([register], rules));
    else reads[reads.length - 1] = joined;
  }
  for (const read of reads) assert(read.count <= rules.registersPerReadMax, "one value fits into one read");
  return reads;
}

function join<Wanted extends WantedRegister>(
  read: PlannedRead<Wanted>,
  register: Wanted,
  rules: ReadRules,
): PlannedRead<Wanted> | undefined {
  if (read.functionCode !== register.functionCode) return undefined;
  if (register.alone === true || read.registers.some((other) => other.alone === true)) return undefined;
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
