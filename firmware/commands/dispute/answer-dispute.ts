/**
 * What a running gateway answers to the commands of disputes: the data, and in `lines` the same for people. Requests
 * are of anybody's making.
 */
import { refusal, type ControlAnswer } from "#adapters/control/control-message.ts";
import type { FaultSide } from "#core/session/facts.ts";
import type { DisputeDesk, DisputeFault, Said } from "#services/dispute-desk.ts";
import type { Wish } from "#services/dispute-wish.ts";
import { disputeFaultText } from "./dispute-fault-text.ts";
import { disputeLines, disputeListLines, saidLines } from "./dispute-text.ts";
import { scaled } from "./scaled-decimal.ts";

export type DisputeRequest = Readonly<Record<string, unknown>>;

export interface DisputeCommand {
  readonly keys: readonly string[];
  readonly answer: (desk: DisputeDesk, request: DisputeRequest) => ControlAnswer | Promise<ControlAnswer>;
}

export const DISPUTE_COMMANDS: Readonly<Record<string, DisputeCommand>> = {
  "dispute-list": { keys: ["all"], answer: list },
  "dispute-show": { keys: ["address"], answer: show },
  "dispute-resolve": { keys: ["address", "energyMilliWh", "amount", "accept"], answer: resolve },
  "dispute-adjudicate": { keys: ["address", "energyMilliWh", "fault", "reason"], answer: adjudicate },
};

/** So many fit into one answer; the oldest come first, which lapse first. */
const LISTED_MAX = 100;
/** An address has 64 digits. */
const ADDRESS_LENGTH_MAX = 64;

function list(desk: DisputeDesk, { all = false }: DisputeRequest): ControlAnswer {
  if (typeof all !== "boolean")
    return refusal("CONTROL_BAD_DISPUTE", `all: found ${shown(all)}, expected true or false`);
  const disputes = desk.list(all ? "all" : "open");
  const listed = disputes.slice(0, LISTED_MAX);
  const more = disputes.length - listed.length;
  return { ok: true, disputes: listed, more, lines: disputeListLines(listed, more) };
}

function show(desk: DisputeDesk, request: DisputeRequest): ControlAnswer {
  const address = addressIn(request);
  if (address === undefined) return badAddress(request);
  const found = desk.show(address);
  if (!found.ok) return refused(found.fault);
  return { ok: true, dispute: found.value, lines: disputeLines(found.value) };
}

async function resolve(desk: DisputeDesk, request: DisputeRequest): Promise<ControlAnswer> {
  const address = addressIn(request);
  if (address === undefined) return badAddress(request);
  const found = desk.show(address);
  if (!found.ok) return refused(found.fault);
  const { currency, currencyDigits } = found.value;
  const wish = wishIn(request, currencyDigits);
  if (wish === undefined) {
    const amount = `amount: ${currency} as text with at most ${currencyDigits} decimals`;
    const expected = `accept: true, or energyMilliWh: a whole number, or ${amount}, or both of these`;
    return refusal("CONTROL_BAD_DISPUTE", `expected ${expected}`);
  }
  return said(await desk.resolve(address, wish));
}

async function adjudicate(desk: DisputeDesk, request: DisputeRequest): Promise<ControlAnswer> {
  const address = addressIn(request);
  if (address === undefined) return badAddress(request);
  const { energyMilliWh, fault, reason } = request;
  if (!isAmount(energyMilliWh) || !isFaultSide(fault) || typeof reason !== "string") {
    const expected = "energyMilliWh: a whole number, fault: station, vehicle, both or none, reason: a text";
    return refusal("CONTROL_BAD_DISPUTE", `expected ${expected}`);
  }
  return said(await desk.adjudicate(address, { energyMilliWh, fault, reason }));
}

function said(outcome: Awaited<ReturnType<DisputeDesk["resolve"]>>): ControlAnswer {
  if (!outcome.ok) return refused(outcome.fault);
  const { fact, isNew, view }: Said = outcome.value;
  return { ok: true, fact, isNew, dispute: view, lines: saidLines(view, isNew) };
}

function refused(fault: DisputeFault): ControlAnswer {
  return refusal(fault.code, disputeFaultText(fault));
}

function wishIn({ accept, energyMilliWh, amount: text }: DisputeRequest, currencyDigits: number): Wish | undefined {
  if (accept === true) return energyMilliWh === undefined && text === undefined ? { kind: "accept" } : undefined;
  if (accept !== undefined && accept !== false) return undefined;
  const amount = text === undefined ? undefined : scaled(text, currencyDigits);
  if (text !== undefined && amount === undefined) return undefined;
  if (isAmount(energyMilliWh)) return { kind: "energy", energyMilliWh, amount };
  return energyMilliWh === undefined && amount !== undefined ? { kind: "amount", amount } : undefined;
}

function addressIn({ address }: DisputeRequest): string | undefined {
  const isOne = typeof address === "string" && address.length <= ADDRESS_LENGTH_MAX && /^[0-9a-fA-F]+$/.test(address);
  return isOne ? address : undefined;
}

function badAddress({ address }: DisputeRequest): ControlAnswer {
  return refusal("CONTROL_BAD_DISPUTE", `address: found ${shown(address)}, expected hex digits`);
}

function isAmount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function isFaultSide(value: unknown): value is FaultSide {
  return value === "none" || value === "station" || value === "vehicle" || value === "both";
}

function shown(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value).slice(0, 80);
}
