/**
 * The adapter's settings for one control unit: bus, identifiers, filter and flow control. They cost half a dozen
 * exchanges, so only what differs from the present settings is sent; after a reset of the adapter everything is.
 */
import { hexDigits, toHex } from "#base/bytes.ts";
import { type EcuAddress, idDigits, unitOf } from "../ecu-address.ts";
import { flowControlFrame } from "../isotp-frame.ts";

export interface AdapterContext {
  readonly ecu: EcuAddress;
  /** Protocol bytes by the adapter (ATCAF1), or by us in frames that it sends as they are (ATCAF0). */
  readonly framing: "adapter" | "own";
  /** Identifier and content of flow control frames: the adapter's rule, or told by us. */
  readonly flowControl: "adapter" | "own";
  /** STmin that own flow control asks of the unit: from one frame of an answer to the next. */
  readonly separationMs: number;
  /** A 29-bit header in two parts (ATCP and ATSH) or as a whole. */
  readonly header: "split" | "whole";
}

export interface ContextCommand {
  readonly command: string;
  /** Without it the request would go to the wrong unit. The others have defaults that may do, or are checked by us. */
  readonly isRequired: boolean;
}

/** `present`: what the adapter was last set to; undefined after a reset. */
export function contextCommands(
  present: AdapterContext | undefined,
  wanted: AdapterContext,
): readonly ContextCommand[] {
  if (present !== undefined && isSame(present, wanted)) return [];
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

function isSame(present: AdapterContext, wanted: AdapterContext): boolean {
  const { ecu, framing, flowControl, separationMs, header } = present;
  const isWay = framing === wanted.framing && flowControl === wanted.flowControl && header === wanted.header;
  return isWay && separationMs === wanted.separationMs && unitOf(ecu) === unitOf(wanted.ecu);
}

interface Setting extends ContextCommand {
  readonly slot: string;
}

const CLEARING: ReadonlyMap<string, readonly ContextCommand[]> = new Map([
  ["framing", [{ command: "ATCAF1", isRequired: true }]],
  ["extension", [{ command: "ATCEA", isRequired: true }]],
  ["flowMode", [{ command: "ATFCSM0", isRequired: true }]],
]);

/** In the order in which an adapter takes them: FCSM1 is refused until both FCSH and FCSD are known. */
function settingsOf(context: AdapterContext): readonly Setting[] {
  const { ecu } = context;
  return [
    // Never automatic: a search costs seconds and transmits on buses that are none of our business.
    required("protocol", `ATSP${ecu.idBits === 11 ? "6" : "7"}`),
    ...(context.framing === "own" ? [required("framing", "ATCAF0")] : extensionSettings(ecu)),
    ...headerSettings(context),
    optional("filter", `ATCRA${idDigits(ecu.responseId, ecu.idBits)}`),
    ...(context.flowControl === "own" ? flowSettings(context) : []),
  ];
}

function headerSettings({ ecu, header }: AdapterContext): readonly Setting[] {
  const request = idDigits(ecu.requestId, ecu.idBits);
  if (ecu.idBits === 11 || header === "whole") return [required("header", `ATSH${request}`)];
  return [required("priority", `ATCP${request.slice(0, 2)}`), required("header", `ATSH${request.slice(2)}`)];
}

function flowSettings({ ecu, separationMs }: AdapterContext): readonly Setting[] {
  return [
    optional("flowHeader", `ATFCSH${idDigits(ecu.requestId, ecu.idBits)}`),
    optional("flowData", `ATFCSD${toHex(flowControlFrame(ecu, 0, separationMs)).toUpperCase()}`),
    optional("flowMode", "ATFCSM1"),
  ];
}

function extensionSettings(ecu: EcuAddress): readonly Setting[] {
  if (ecu.extension === undefined) return [];
  return [
    required("extension", `ATCEA${hexDigits(ecu.extension.ecu, 2)}`),
    optional("tester", `ATTA${hexDigits(ecu.extension.tester, 2)}`),
  ];
}

function required(slot: string, command: string): Setting {
  return { slot, command, isRequired: true };
}

function optional(slot: string, command: string): Setting {
  return { slot, command, isRequired: false };
}
