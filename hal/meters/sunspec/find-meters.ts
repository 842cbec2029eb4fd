/** Looks for the mark, walks the chain, and says which meters the device has and who they are. */
import { fail, ok, type Result } from "#base/result.ts";
import type { BusFault } from "#hal/ports/register-bus.ts";
import { decodeText } from "#hal/protocols/modbus/decode-register.ts";
import { COMMON_MODEL, METER_MODELS } from "./meter-models.ts";
import type { MeterPlace } from "./meter-map.ts";
import { SUNSPEC_MARK, walkChain, type ChainFault, type ChainModel, type ReadWords } from "./walk-chain.ts";

export interface FoundMeter extends MeterPlace {
  readonly maker: string | null;
  readonly product: string | null;
  readonly serialNumber: string | null;
}

/** Where a map may begin. SunSpec device information model specification, "SunSpec Modbus map". */
export const SUNSPEC_BASES = [40_000, 50_000, 0] as const;

export interface FoundChain {
  readonly base: number;
  readonly models: readonly ChainModel[];
  readonly meters: readonly FoundMeter[];
}

/** In the order of the chain. A base that is known is not doubted for a silence. */
export async function findMeters(read: ReadWords, knownBase?: number): Promise<Result<FoundChain, ChainFault>> {
  const base = await findBase(read, knownBase);
  if (!base.ok) return base;
  const models = await walkChain(read, base.value);
  if (!models.ok) return models;
  const meters: FoundMeter[] = [];
  const commons = new Map<ChainModel, readonly number[]>();
  for (const place of meterPlaces(models.value)) {
    const words = await readOnce(commons, place.common, read);
    if (!words.ok) return fail({ code: "CHAIN_UNREAD", fault: words.fault });
    meters.push({ ...place, ...namesIn(words.value) });
  }
  return ok({ base: base.value, models: models.value, meters });
}

async function findBase(read: ReadWords, knownBase: number | undefined): Promise<Result<number, ChainFault>> {
  const seen: string[] = [];
  let silence: BusFault | undefined;
  for (const base of SUNSPEC_BASES.toSorted(
    (left, right) => Number(right === knownBase) - Number(left === knownBase),
  )) {
    const mark = await read(base, SUNSPEC_MARK.length);
    if (mark.ok && SUNSPEC_MARK.every((word, index) => mark.value[index] === word)) return ok(base);
    if (!mark.ok && !isFromTheDevice(mark.fault)) return fail({ code: "CHAIN_UNREAD", fault: mark.fault });
    if (!mark.ok && mark.fault.code === "BUS_SILENT") {
      if (base === knownBase) return fail({ code: "CHAIN_UNREAD", fault: mark.fault });
      silence = mark.fault;
    }
    seen.push(`${mark.ok ? hexWords(mark.value) : faultWords(mark.fault)} at ${base}`);
  }
  // There are devices that do not answer for registers that they lack; one that never answers is not there.
  if (silence !== undefined && seen.every((text) => text.startsWith(SILENCE))) {
    return fail({ code: "CHAIN_UNREAD", fault: silence });
  }
  const expected = `"SunS" at ${SUNSPEC_BASES.join(", ")}`;
  return fail({ code: "CHAIN_DAMAGED", found: seen.join(", "), expected });
}

const SILENCE = "silence";

function isFromTheDevice(fault: BusFault): boolean {
  if (fault.code === "BUS_EXCEPTION") return fault.exception < 0x0a;
  return fault.code === "BUS_SILENT";
}

function faultWords(fault: BusFault): string {
  return fault.code === "BUS_EXCEPTION" ? `exception ${fault.exception}` : SILENCE;
}

function hexWords(words: readonly number[]): string {
  return words.map((word) => word.toString(16).padStart(4, "0")).join(" ");
}

/** Each meter with the last model 1 before it: devices put one in front of each part that has a name of its own. */
function meterPlaces(models: readonly ChainModel[]): readonly MeterPlace[] {
  return models.flatMap((model, index) => {
    const common = models.slice(0, index).findLast(({ id }) => id === COMMON_MODEL.id);
    return METER_MODELS[model.id] === undefined || common === undefined ? [] : [{ model, common }];
  });
}

const NAMES_COUNT = COMMON_MODEL.serialNumber.offset + COMMON_MODEL.serialNumber.count - COMMON_MODEL.maker.offset;

async function readOnce(
  known: Map<ChainModel, readonly number[]>,
  common: ChainModel,
  read: ReadWords,
): Promise<Result<readonly number[], BusFault>> {
  const before = known.get(common);
  if (before !== undefined) return ok(before);
  const words = await read(common.address + COMMON_MODEL.maker.offset, NAMES_COUNT);
  if (words.ok) known.set(common, words.value);
  return words;
}

function namesIn(words: readonly number[]): Pick<FoundMeter, "maker" | "product" | "serialNumber"> {
  const textAt = ({ offset, count }: { readonly offset: number; readonly count: number }): string | null => {
    const from = offset - COMMON_MODEL.maker.offset;
    return decodeText(words.slice(from, from + count), { type: "text", address: 0, count });
  };
  return {
    maker: textAt(COMMON_MODEL.maker),
    product: textAt(COMMON_MODEL.product),
    serialNumber: textAt(COMMON_MODEL.serialNumber),
  };
}
