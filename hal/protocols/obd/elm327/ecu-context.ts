/**
 * The adapter's settings for one control unit: bus, identifiers, filter and flow control. They cost half a dozen
 * exchanges, so only what differs from the present settings is sent; after a reset of the adapter everything is.
 */
import { type EcuAddress, idDigits } from "../ecu-address.ts";

export interface ContextCommand {
  readonly command: string;
  /** Without it the request would go to the wrong unit. The others have defaults that may do, or are checked by us. */
  readonly isRequired: boolean;
}

/** `present`: what the adapter was last set to; undefined after a reset. */
export function contextCommands(present: EcuAddress | undefined, wanted: EcuAddress): readonly ContextCommand[] {
  const before = new Map(
    (present === undefined ? [] : settingsOf(present)).map(({ slot, command }) => [slot, command]),
  );
  const after = settingsOf(wanted);
  const stale = [...before.keys()].filter((slot) => !after.some((setting) => setting.slot === slot));
  return [
    ...stale.flatMap((slot) => CLEARING.get(slot) ?? []),
    ...after.filter(({ slot, command }) => before.get(slot) !== command),
  ];
}

interface Setting extends ContextCommand {
  readonly slot: string;
}

const CLEARING: ReadonlyMap<string, readonly ContextCommand[]> = new Map([
  ["extension", [{ command: "ATCEA", isRequired: true }]],
]);

/** In the order in which an adapter takes them: FCSM1 is refused until both FCSH and FCSD are known. */
function settingsOf(ecu: EcuAddress): readonly Setting[] {
  const request = idDigits(ecu.requestId, ecu.idBits);
  const response = idDigits(ecu.responseId, ecu.idBits);
  return [
    // Never automatic: a search costs seconds and transmits on buses that are none of our business.
    required("protocol", `ATSP${ecu.idBits === 11 ? "6" : "7"}`),
    ...extensionSettings(ecu),
    ...(ecu.idBits === 29 ? [required("priority", `ATCP${request.slice(0, 2)}`)] : []),
    required("header", `ATSH${ecu.idBits === 29 ? request.slice(2) : request}`),
    optional("filter", `ATCRA${response}`),
    optional("flowHeader", `ATFCSH${request}`),
    // Clear to send, no block limit, no separation time; in front of it the unit's own address where there is one.
    optional("flowData", `ATFCSD${ecu.extension === undefined ? "" : byteDigits(ecu.extension.ecu)}300000`),
    optional("flowMode", "ATFCSM1"),
  ];
}

function extensionSettings(ecu: EcuAddress): readonly Setting[] {
  if (ecu.extension === undefined) return [];
  return [
    required("extension", `ATCEA${byteDigits(ecu.extension.ecu)}`),
    optional("tester", `ATTA${byteDigits(ecu.extension.tester)}`),
  ];
}

function byteDigits(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, "0");
}

function required(slot: string, command: string): Setting {
  return { slot, command, isRequired: true };
}

function optional(slot: string, command: string): Setting {
  return { slot, command, isRequired: false };
}
