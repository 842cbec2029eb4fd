/**
 * A SunSpec device says itself which models it has: behind the mark "SunS" stand number and length of each, one behind
 * the other, up to the number 0xFFFF. The walk believes nothing: it is bounded, and a chain that is damaged anywhere is
 * refused whole, because a length that is wrong by one puts every value behind it into the wrong register.
 */
import { fail, ok, type Result } from "#base/result.ts";
import type { BusFault } from "#hal/ports/register-bus.ts";
import { isNotThere } from "#hal/protocols/modbus/exception-text.ts";
import { COMMON_MODEL, METER_MODELS } from "./meter-models.ts";

export interface ChainModel {
  readonly id: number;
  /** Of the word with its number. */
  readonly address: number;
  /** Registers behind number and length. */
  readonly length: number;
}

export type ReadWords = (address: number, count: number) => Promise<Result<readonly number[], BusFault>>;

export type ChainFault =
  | { readonly code: "CHAIN_UNREAD"; readonly fault: BusFault }
  | { readonly code: "CHAIN_DAMAGED"; readonly found: string; readonly expected: string };

/** The longest chain known, of a signing meter, has 16. */
export const CHAIN_MODELS_MAX = 64;

/** "SunS" in ASCII. */
export const SUNSPEC_MARK = [0x5375, 0x6e53] as const;

const END = 0xffff;
const ADDRESS_MAX = 0xffff;

/** All models of the chain whose mark stands at `base`. */
export async function walkChain(read: ReadWords, base: number): Promise<Result<readonly ChainModel[], ChainFault>> {
  const models: ChainModel[] = [];
  let address = base + SUNSPEC_MARK.length;
  while (models.length <= CHAIN_MODELS_MAX) {
    if (address > ADDRESS_MAX) return damaged(models, "then nothing: it ends with the last register");
    const head = await readHead(read, address);
    if (!head.ok) return fail(unreadAt(address, head.fault, models));
    const [id = 0, length = 0] = head.value;
    if (id === END) return models.length === 0 ? damaged(models, "the end and nothing before it") : ok(models);
    const model = { id, address, length };
    const problem = problemOf(model, models.length);
    if (problem !== undefined) return damaged(models, problem.found, problem.expected);
    models.push(model);
    address += 2 + length;
  }
  return damaged(models.slice(0, 4), "and so on", `at most ${CHAIN_MODELS_MAX} models and then the end`);
}

export function chainText(models: readonly ChainModel[]): string {
  return models.map(({ id, address }) => `model ${id} at ${address}`).join(", ");
}

/** Number and length. Behind the number of the end, some devices have nothing more. */
async function readHead(read: ReadWords, address: number): Promise<Result<readonly number[], BusFault>> {
  const both = address === ADDRESS_MAX ? undefined : await read(address, 2);
  if (both?.ok === true) return both;
  if (both !== undefined && !(both.fault.code === "BUS_EXCEPTION" && isNotThere(both.fault.exception))) return both;
  const single = await read(address, 1);
  if (single.ok && single.value[0] === END) return single;
  return both ?? single;
}

function unreadAt(address: number, fault: BusFault, models: readonly ChainModel[]): ChainFault {
  if (fault.code !== "BUS_EXCEPTION" || !isNotThere(fault.exception)) return { code: "CHAIN_UNREAD", fault };
  return damage(models, `then exception ${fault.exception} at ${address}`, EXPECTED);
}

interface Problem {
  readonly found: string;
  readonly expected: string;
}

function problemOf({ id, address, length }: ChainModel, index: number): Problem | undefined {
  const found = `model ${id} of length ${length} at ${address}`;
  if (id === 0 || length === 0) return { found, expected: "a number and a length above 0" };
  if (index === 0 && id !== COMMON_MODEL.id) return { found, expected: "model 1 first: who the device is" };
  if (address + 2 + length > ADDRESS_MAX + 1) return { found, expected: "a length that ends at register 65535" };
  const lengths = id === COMMON_MODEL.id ? COMMON_MODEL.lengths : [METER_MODELS[id]?.layout.length ?? length];
  if (lengths.some((its) => its === length)) return undefined;
  return { found, expected: `length ${lengths.join(" or ")} of model ${id}` };
}

const EXPECTED = "a chain of models that ends with 65535";

function damaged(models: readonly ChainModel[], found: string, expected = EXPECTED): Result<never, ChainFault> {
  return fail(damage(models, found, expected));
}

function damage(models: readonly ChainModel[], found: string, expected: string): ChainFault {
  const before = chainText(models);
  return { code: "CHAIN_DAMAGED", found: before === "" ? found : `${before}, ${found}`, expected };
}
