/** From what a gateway answers to `health` to a verdict on each part, with the sentence that says why. */
import { utcText } from "#records/quantity-text.ts";

/** `waiting`: not yet, or not now; somebody who has time should ask again. `faulty`: it will not mend by waiting. */
export type HealthState = "healthy" | "waiting" | "faulty";

export const HEALTH_PARTS = ["meter", "store", "ledger", "broker", "identity"] as const;
export type HealthPart = (typeof HEALTH_PARTS)[number];

export interface PartHealth {
  readonly part: HealthPart;
  readonly state: HealthState;
  readonly says: string;
}

/** A meter is read each second; a slow one, and one that is asked again after a fault, within this. */
export const METER_AGE_MS_MAX = 30_000;

/** Undefined when the answer is not one of a gateway's. A part that the role has not got is not in the list. */
export function judgeHealth(answer: Readonly<Record<string, unknown>>): readonly PartHealth[] | undefined {
  const { role, meter, store, ledger, mesh, pseudonym } = answer;
  if (!isObject(store) || !isObject(ledger) || !isObject(mesh) || typeof role !== "string") return undefined;
  return [
    ...(role === "charger" ? [judgeMeter(isObject(meter) ? meter : {})] : []),
    store["wrote"] === true
      ? { part: "store", state: "healthy", says: "what is written is durable" }
      : { part: "store", state: "faulty", says: "nothing could be written" },
    judgeLedger(ledger, isObject(pseudonym) && Number(pseudonym["number"]) > 1 && mesh["isConnected"] !== true),
    judgeBroker(mesh, role),
    ...(isObject(pseudonym) ? [judgePseudonym(pseudonym)] : []),
  ];
}

export function overallHealth(parts: readonly PartHealth[]): HealthState {
  const states = parts.map(({ state }) => state);
  return states.includes("faulty") ? "faulty" : states.includes("waiting") ? "waiting" : "healthy";
}

type Fields = Readonly<Record<string, unknown>>;

function judgeMeter({ ageMs, quality, trouble }: Fields): PartHealth {
  const part = "meter";
  if (trouble === UNITS_DISAGREE) {
    return { part, state: "faulty", says: `its energy and power contradict each other (${UNITS_DISAGREE})` };
  }
  const because = typeof trouble === "string" ? ` (${trouble})` : "";
  if (typeof ageMs !== "number") return { part, state: "waiting", says: `has not been read yet${because}` };
  const seconds = (ageMs / 1000).toFixed(0);
  if (ageMs > METER_AGE_MS_MAX) return { part, state: "waiting", says: `was last read ${seconds} s ago${because}` };
  return { part, state: "healthy", says: `read ${seconds} s ago, ${String(quality)}` };
}

/** Only whoever changes the configuration can end this fault. */
const UNITS_DISAGREE = "METER_POWER_DISAGREES";

/**
 * A ledger follows when the gateway has a place on its own chain and holds the head of at least one other member that
 * it has heard. Alone it has nobody to follow: that its chain was read back and its store takes more is all there is.
 * A car that has gone on as another identity on the road joins when it meets a broker.
 */
function judgeLedger(
  { serial, final, isMember, membersHeard, membersAgreeing }: Fields,
  isAnotherOnTheRoad: boolean,
): PartHealth {
  const part = "ledger";
  const at = `at block ${String(serial)}${typeof final === "number" ? `, final up to ${String(final)}` : ""}`;
  if (isMember !== true && isAnotherOnTheRoad) {
    return { part, state: "healthy", says: `${at}, joins at its next broker` };
  }
  if (isMember !== true) return { part, state: "waiting", says: `${at}, this gateway is no member yet` };
  if (membersHeard === 0) return { part, state: "healthy", says: `${at}, no other member heard` };
  const heard = `of ${String(membersHeard)} members heard, ${String(membersAgreeing)} have a head that is here`;
  return { part, state: membersAgreeing === 0 ? "waiting" : "healthy", says: `${at}; ${heard}` };
}

/** A car on the road has no broker; a charger that has none cannot trade. Of two, one is enough. */
function judgeBroker({ isConnected, brokers }: Fields, role: string): PartHealth {
  const part = "broker";
  if (isConnected === true) {
    const lost = lostBrokers(brokers);
    return { part, state: "healthy", says: lost === "" ? "connected" : `connected, but not with ${lost}` };
  }
  if (role === "vehicle") return { part, state: "healthy", says: "waits for one, as a car on the road does" };
  return { part, state: "waiting", says: "not connected" };
}

/** A car that has no other identity charges with the one it has. */
function judgePseudonym(pseudonym: Fields): PartHealth {
  return { part: "identity", state: "healthy", says: pseudonymText(pseudonym) };
}

/** `number 2 until 2027-02-21 10:00Z, 3 more have keys`. */
export function pseudonymText({ number, until, isOver, prepared }: Fields): string {
  const more = othersText(prepared);
  if (typeof until !== "number") return `number ${String(number)}, its days are not counted yet; ${more}`;
  return `number ${String(number)}, ${isOver === true ? "its days were over" : "until"} ${utcText(until)}; ${more}`;
}

function othersText(prepared: unknown): string {
  if (typeof prepared !== "number") return "which others there are cannot be read";
  if (prepared === 0) return "no other has keys";
  return `${prepared} more ${prepared === 1 ? "has" : "have"} keys`;
}

/** Names of the brokers, of several, that are not connected. */
export function lostBrokers(brokers: unknown): string {
  if (!Array.isArray(brokers)) return "";
  return brokers.flatMap((each) => (isObject(each) && each["isUp"] === false ? [String(each["name"])] : [])).join(", ");
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
