/**
 * The battery's estimates and register as they are kept on flash, with the wall time at which they were written and the
 * charge to which they belong. Monotonic times are of one run only and are left out, as is what only seems to begin:
 * `resumeBattery` puts the rest on the running clock.
 */
import { NO_BATTERY_ENERGY } from "#core/metering/battery-energy.ts";
import type { BatteryEnergy } from "#core/metering/battery-state.ts";
import { decodeCbor, isMap } from "#core/wire/cbor.ts";
import {
  boolean,
  bytes,
  choice,
  decodeShape,
  encodeShape,
  field,
  integer,
  nullable,
  optional,
  record,
  signed,
  unsigned,
} from "#core/wire/schema.ts";

export interface BatteryJournal {
  readonly wallMs: number;
  /** Transaction address; empty without a contract. */
  readonly address: Uint8Array;
  /** Of the charge's intervals: the number of the next one. */
  readonly nextInterval: number;
  readonly energy: BatteryEnergy;
}

const sums = {
  energyMilliWh: field(1, unsigned),
  voltageMilliVMs: field(2, unsigned),
  currentMilliAMs: field(3, unsigned),
  samplingMicroWh: field(4, unsigned),
  gapMilliWh: field(5, unsigned),
  bridgeSquare: field(6, unsigned),
};

const sight = record({ counterMilliWh: field(1, unsigned), energyMilliWh: field(2, unsigned) });
const tick = record({
  contentMilliWh: field(1, unsigned),
  widthMilliWh: field(2, unsigned),
  sums: field(3, record(sums)),
});
const ticks = record({ firstWidthMilliWh: field(1, unsigned), last: field(2, tick) });
const counter = record({
  seen: field(1, nullable(sight)),
  run: field(2, nullable(record({ start: field(1, sight), ticks: field(2, nullable(ticks)) }))),
  stepMilliWh: field(3, unsigned),
  countedMilliWh: field(4, signed),
  covered: field(5, record(sums)),
  tickSquare: field(6, unsigned),
  trouble: field(7, nullable(choice({ COUNTER_FELL: 1, COUNTER_LEAPT: 2, COUNTER_STOPPED: 3 }))),
});

const pending = record({
  elapsedMs: field(1, unsigned),
  mostMilliWh: field(2, unsigned),
  isCharge: field(3, boolean),
  isShort: field(4, boolean),
});
const gaps = record({
  count: field(1, unsigned),
  bridged: field(2, unsigned),
  pending: field(3, nullable(pending)),
  bridgedMilliWh: optional(4, unsigned),
});

const stateOfCharge = record({
  lastMilliPercent: field(1, nullable(unsigned)),
  risenMilliPercent: field(2, signed),
  stepMilliPercent: field(3, unsigned),
  runs: field(4, unsigned),
});

const inletKind = choice({ active: 1, apparent: 2, "direct-current": 3 });
const inletSums = record({
  energyMilliWh: field(1, unsigned),
  remainder: field(2, unsigned),
  samplingMicroWh: field(3, unsigned),
  gapMilliWh: field(4, unsigned),
  reactiveMilliWh: field(5, unsigned),
});
const inlet = record({
  last: field(1, nullable(record({ powerMilliW: field(1, unsigned), kind: field(2, inletKind) }))),
  byKind: field(
    2,
    record({ active: field(1, inletSums), apparent: field(2, inletSums), "direct-current": field(3, inletSums) }),
  ),
});

const charge = record({
  integral: field(1, record({ ...sums, remainder: field(7, unsigned) })),
  gaps: field(2, gaps),
  counter: field(3, counter),
  stateOfCharge: field(4, stateOfCharge),
  inlet: field(5, inlet),
});

const registerMethod = choice({
  counter: 1,
  integral: 2,
  "inlet-active": 3,
  "inlet-apparent": 4,
  "inlet-direct-current": 5,
});
const session = record({
  powerMaxW: field(1, nullable(unsigned)),
  startMilliWh: field(2, unsigned),
  method: field(3, nullable(registerMethod)),
});
const last = record({
  voltageMilliV: field(1, unsigned),
  inflowMilliA: field(2, unsigned),
  charging: field(3, boolean),
  plugged: field(4, nullable(boolean)),
});
const rest = record({
  samples: field(1, unsigned),
  sumMilliA: field(2, signed),
  minMilliA: field(3, signed),
  maxMilliA: field(4, signed),
});

const journal = record({
  version: field(0, integer(2, 2)),
  wallMs: field(1, unsigned),
  address: field(2, bytes(0, 32)),
  nextInterval: field(3, unsigned),
  registerMilliWh: field(4, unsigned),
  aheadMilliWh: field(5, unsigned),
  session: field(6, session),
  charge: field(7, charge),
  isOpen: field(8, boolean),
  isQuiet: field(9, boolean),
  last: field(10, nullable(last)),
  steps: field(11, record({ voltageMilliV: field(1, unsigned), currentMilliA: field(2, unsigned) })),
  rest: field(12, nullable(rest)),
  refused: field(13, unsigned),
});

export function encodeBatteryJournal({ wallMs, address, nextInterval, energy }: BatteryJournal): Uint8Array {
  const { stretch, charge: measured, ...others } = energy;
  return encodeShape(journal, {
    version: 2,
    wallMs: Math.max(0, Math.round(wallMs)),
    address,
    nextInterval,
    ...others,
    charge: measured,
    isOpen: stretch.isOpen,
    isQuiet: stretch.quietSinceMs !== null,
  });
}

/** Undefined for anything that was not written by `encodeBatteryJournal`; the register then begins anew. */
export function decodeBatteryJournal(stored: Uint8Array): BatteryJournal | undefined {
  const read = decodeShape(journal, stored);
  if (!read.ok) return decodeFirstVersion(stored);
  const { wallMs, address, nextInterval, isOpen, isQuiet, ...rest } = read.value;
  const { gaps: gap, inlet: atInlet } = rest.charge;
  const { pending: waiting } = gap;
  const energy: BatteryEnergy = {
    registerMilliWh: rest.registerMilliWh,
    aheadMilliWh: rest.aheadMilliWh,
    session: rest.session,
    charge: {
      ...rest.charge,
      gaps: {
        ...gap,
        bridgedMilliWh: gap.bridgedMilliWh ?? 0,
        pending: waiting === null ? null : { ...waiting, sinceMs: 0 },
      },
      inlet: { ...atInlet, last: atInlet.last === null ? null : { ...atInlet.last, atMs: 0 } },
    },
    stretch: { isOpen, quietSinceMs: isQuiet ? 0 : null, opening: null, doubt: null },
    last: rest.last === null ? null : { ...rest.last, atMs: 0, resumed: { awayMs: null } },
    steps: rest.steps,
    rest: rest.rest,
    refused: rest.refused,
  };
  return { wallMs, address, nextInterval, energy };
}

/** Before the estimates were kept apart there was the register alone; it goes on, and all else begins anew. */
function decodeFirstVersion(stored: Uint8Array): BatteryJournal | undefined {
  const read = decodeCbor(stored);
  const isFirst = read.ok && isMap(read.value) && !read.value.has(0);
  const [wallMs, registerMilliWh] = isFirst ? [read.value.get(1), read.value.get(2)] : [];
  if (typeof wallMs !== "number" || typeof registerMilliWh !== "number" || registerMilliWh < 0) return undefined;
  const begun = { ...NO_BATTERY_ENERGY.session, startMilliWh: registerMilliWh };
  const energy = { ...NO_BATTERY_ENERGY, registerMilliWh, session: begun };
  return { wallMs, address: new Uint8Array(), nextInterval: 0, energy };
}
