/** The battery's register as it is kept on flash, with the wall time at which it was written. */
import type { BatteryEnergy } from "#core/metering/battery-state.ts";
import { boolean, decodeShape, encodeShape, field, nullable, record, unsigned } from "#core/wire/schema.ts";

export interface BatteryJournal {
  readonly wallMs: number;
  readonly energy: BatteryEnergy;
}

const mark = record({ counterMilliWh: field(1, unsigned), energyMilliWh: field(2, unsigned) });
const counter = record({
  mark: field(1, nullable(mark)),
  stepMilliWh: field(2, unsigned),
  countedMilliWh: field(3, unsigned),
  integratedMilliWh: field(4, unsigned),
  isBroken: field(5, boolean),
});
const pending = record({
  estimateMilliWh: field(1, unsigned),
  mostMilliWh: field(2, unsigned),
});
const gaps = record({
  count: field(1, unsigned),
  bridged: field(2, unsigned),
  boundMilliWh: field(3, unsigned),
  pending: field(4, nullable(pending)),
});
const last = record({
  powerMilliW: field(1, unsigned),
  voltageMilliV: field(2, unsigned),
  charging: field(3, boolean),
});

const journal = record({
  wallMs: field(1, unsigned),
  energyMilliWh: field(2, unsigned),
  remainder: field(3, unsigned),
  last: field(4, last),
  counter: field(5, counter),
  gaps: field(6, gaps),
  samplingMilliWh: field(7, unsigned),
  offsetMilliWh: field(8, unsigned),
  refused: field(9, unsigned),
});

/** Monotonic times are of one run only and are left out: `resumeBattery` puts them on the running clock. */
export function encodeBatteryJournal({ wallMs, energy }: BatteryJournal): Uint8Array {
  const { powerMilliW, voltageMilliV, charging } = energy.last;
  const gap = energy.gaps.pending;
  const waiting = gap === null ? null : { estimateMilliWh: gap.estimateMilliWh, mostMilliWh: gap.mostMilliWh };
  return encodeShape(journal, {
    ...energy,
    wallMs: Math.max(0, Math.round(wallMs)),
    last: { powerMilliW, voltageMilliV, charging },
    gaps: { ...energy.gaps, pending: waiting },
  });
}

/** Undefined for anything that was not written by `encodeBatteryJournal`; the register then begins anew. */
export function decodeBatteryJournal(bytes: Uint8Array): BatteryJournal | undefined {
  const read = decodeShape(journal, bytes);
  if (!read.ok) return undefined;
  const { wallMs, ...energy } = read.value;
  const gap = energy.gaps.pending;
  return {
    wallMs,
    energy: {
      ...energy,
      last: { ...energy.last, atMs: 0 },
      gaps: { ...energy.gaps, pending: gap === null ? null : { ...gap, sinceMs: 0 } },
    },
  };
}
