/** What goes wrong between a gateway and its broker, as events: a wrong certificate must not look like a quiet mesh. */
import type { BusFault } from "#adapters/mqtt/mqtt-bus.ts";
import type { EmitEvent } from "#services/events.ts";

/** So many different faults are counted; an address that changes with each attempt must not fill the memory. */
const FAULTS_MAX = 32;

/**
 * A gateway tries again for ever: the same fault is told the first time, the tenth, the hundredth. `broker` is the name
 * of one among several.
 */
export function tellBusFaults(emit: EmitEvent, broker?: string): (fault: BusFault) => void {
  const line = broker === undefined ? "connection to the broker" : `connection to the broker ${broker}`;
  const counts = new Map<string, number>();
  return (fault) => {
    const what = `${line}${detailOf(fault)}`;
    const count = (counts.get(what) ?? 0) + 1;
    if (count === 1 && counts.size >= FAULTS_MAX) counts.clear();
    counts.set(what, count);
    if (isPowerOfTen(count)) emit("refused", { what, code: fault.code, count });
  };
}

function detailOf(fault: BusFault): string {
  switch (fault.code) {
    case "BUS_UNREACHABLE":
      return ` (${fault.reason})`;
    case "BUS_REFUSED":
      return ` (return code ${fault.returnCode})`;
    case "BUS_FILTER_REFUSED":
      return ` (subscription ${fault.filter})`;
    case "MQTT_PACKET_TOO_LONG":
    case "MQTT_MALFORMED":
    case "MQTT_PEER_TOO_SLOW":
      return "";
  }
}

function isPowerOfTen(count: number): boolean {
  return /^10*$/.test(String(count));
}
