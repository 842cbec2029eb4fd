/** Why something cannot be said about a charge, in plain words with the figures that decide it. */
import { shortId, kwhText, moneyText, utcText } from "#records/quantity-text.ts";
import { fromHex } from "#base/bytes.ts";
import { shortDeviceId } from "#core/identity/device-id.ts";
import { PREFIX_DIGITS_MIN, type DisputeFault } from "#services/dispute-desk.ts";

export function disputeFaultText(fault: DisputeFault): string {
  switch (fault.code) {
    case "DISPUTE_UNKNOWN":
      return unknownText(fault);
    case "DISPUTE_NONE":
      return noneText(fault);
    case "DISPUTE_OVER":
      return `too late: something could be said until ${utcText(fault.lastAt)}; what was contested has lapsed`;
    case "DISPUTE_NOT_A_PARTY":
      return fault.standing === "arbiter"
        ? "only the two parties propose and accept; the arbiter says: tallystick dispute adjudicate"
        : "this gateway is neither the station nor the vehicle of that charge";
    case "DISPUTE_NOT_ITS_ARBITER":
      return fault.arbiter === null
        ? "both have signed terms that name no arbiter: only the two can end this dispute, or it lapses"
        : `both have signed that ${deviceText(fault.arbiter)} judges this charge, which is another gateway`;
    case "DISPUTE_NOT_TAKEN":
      if (fault.fault.code === "FACT_NOT_ALLOWED") {
        return "the contract that both have signed for this charge does not provide for that: its result stays";
      }
      return `the ledger does not take it: ${fault.fault.code} ${JSON.stringify(fault.fault)}`;
    case "DISPUTE_ENERGY_OUTSIDE":
    case "DISPUTE_AMOUNT_OUTSIDE":
      return outsideText(fault);
    case "DISPUTE_NOTHING_TO_ACCEPT":
      return `the ${fault.by} has proposed nothing yet; propose something: --energy KWH`;
    case "DISPUTE_NO_PROPOSAL_LEFT":
      return `this side has made its ${fault.max} proposals, and all stand; accept one of the other side's: --accept`;
    case "DISPUTE_ALREADY_JUDGED": {
      const ruling = `${kwhText(fault.energyMilliWh)}, fault: ${fault.fault}`;
      return `this arbiter has ruled already, and a ruling is not changed: ${ruling}`;
    }
    case "DISPUTE_BAD_REASON":
      return `the reason must be words in one line, at most ${fault.bytesMax} bytes, without control characters`;
  }
}

type OutsideFault = Extract<DisputeFault, { readonly code: "DISPUTE_ENERGY_OUTSIDE" | "DISPUTE_AMOUNT_OUTSIDE" }>;

function outsideText(fault: OutsideFault): string {
  if (fault.code === "DISPUTE_ENERGY_OUTSIDE") {
    const most = `${kwhText(fault.mostMilliWh)}, which the station has signed for`;
    if (fault.leastMilliWh === 0) return `the energy can be at most ${most}`;
    return `the energy can be from ${kwhText(fault.leastMilliWh)}, which is undisputed, to ${most}`;
  }
  const { currency, currencyDigits } = fault;
  const [least = "", most = ""] = [fault.least, fault.most].map((each) => moneyText(each, currencyDigits, currency));
  return `the amount can be from ${least} to ${most}, the price of all that the station has signed for`;
}

/** A device id of 64 hex digits as people read it. */
export function deviceText(did: string): string {
  const bytes = fromHex(did);
  return bytes === undefined ? did : shortDeviceId(bytes);
}

export function addressText(address: string): string {
  const bytes = fromHex(address);
  return bytes === undefined ? address : shortId(bytes);
}

function unknownText({ address, matching }: Extract<DisputeFault, { readonly code: "DISPUTE_UNKNOWN" }>): string {
  if (address.length < PREFIX_DIGITS_MIN)
    return `found "${address}", expected at least ${PREFIX_DIGITS_MIN} digits of an address`;
  if (matching.length === 0) return `no charge at "${address}"; tallystick dispute list tells the disputed ones`;
  return `more than one charge at "${address}": ${matching.map(addressText).join(", ")}`;
}

function noneText({ state, ending }: Extract<DisputeFault, { readonly code: "DISPUTE_NONE" }>): string {
  if (ending === "mutual") return "nothing is disputed any more: both sides have agreed";
  if (state === "SETTLED") return "nothing is disputed: the two measurements agree, and the charge is settled";
  if (state === "CANCELLED") return "nothing is disputed: the charge was cancelled, and nothing is owed";
  return `nothing is disputed: the charge is still ${state}, and has no result yet`;
}
