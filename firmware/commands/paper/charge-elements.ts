/** What the paper says of one charge: who agreed, what each measured and reported, how it was compared and executed. */
import { equalBytes, toHex } from "#base/bytes.ts";
import { EXPOSURE_UNLIMITED_MILLI_WH } from "#core/contract/terms.ts";
import { transactionAddress } from "#core/handshake/transaction-address.ts";
import { shortDeviceId } from "#core/identity/device-id.ts";
import type { Fact } from "#core/ledger/fact.ts";
import { isSignedByItsSigners } from "#core/ledger/fact-signers.ts";
import { askContract } from "#core/session/ask-contract.ts";
import type { Role } from "#core/session/facts.ts";
import { clockText, kwhText, moneyText, percentText, shortId, utcText } from "#records/quantity-text.ts";
import type { PaperElement } from "./paper-element.ts";
import { beginning, type PaperTour, type PlacedFact, type TouredCharge } from "./paper-tour.ts";

export function chargeElements(tour: PaperTour): readonly PaperElement[] {
  const { charge } = tour;
  if (charge === undefined) return [];
  return [
    authentication(tour, charge),
    sameTransaction(charge),
    address(tour, charge),
    script(tour, charge),
    latestChain(tour, charge),
    broadcast(tour, charge),
    reports(charge),
    meters(charge),
    measured(charge),
    completion(charge),
    comparison(charge),
    execution(charge),
    standing(tour, charge),
    queries(charge),
    process(tour, charge),
  ];
}

const SIGNERS: readonly Role[] = ["vehicle", "station"];
const ROLES: readonly Role[] = ["station", "vehicle"];

function authentication({ chain }: PaperTour, { open }: TouredCharge): PaperElement {
  const { body, signatures } = open.fact;
  const holds = isSignedByItsSigners(chain.head.state, open.fact, chain.context);
  const lines = SIGNERS.map((role, place) => {
    const key = chain.head.state.members.get(toHex(body[role]))?.publicKey ?? new Uint8Array();
    const signature = signatures[place] ?? new Uint8Array();
    return `${role.padEnd(7)} ${shortDeviceId(body[role])}, key ${beginning(key)}, signature ${beginning(signature)}`;
  });
  return {
    section: "III.A",
    name: "mutual authentication of EV and charging station",
    where: "OPEN: its two signatures, and key 7, the transcript of the handshake",
    found: [
      ...lines,
      `both ${holds ? "hold" : "do NOT hold"} over the same bytes, transcript ${beginning(body.transcript)}`,
    ],
  };
}

function sameTransaction({ open }: TouredCharge): PaperElement {
  const { fact, serial } = open;
  const { energyMaxMilliWh, powerMaxW, currency } = fact.body.terms;
  return {
    section: "III.A, I, II.A, II.B",
    name: "the terms that both agree to: the same transaction created by both, with requirements and information",
    where: "OPEN: one id for both; TERMS at key 6",
    found: [
      `contract ${shortId(fact.id)}, ${fact.payload.length} bytes, in block ${serial}`,
      `at most ${kwhText(energyMaxMilliWh)}, ${powerMaxW} W, in ${currency}`,
      "terms that one side does not agree to leave nothing here: its log says handshakeEnded, and why",
    ],
  };
}

function address({ chain }: PaperTour, { view, open }: TouredCharge): PaperElement {
  const { network, terms } = open.fact.body;
  const parts = { network, codeHash: terms.codeHash, openPayload: open.fact.payload };
  const again = transactionAddress(chain.context.crypto, parts);
  const holds = equalBytes(again, view.address) ? "the same when it is computed again" : "NOT what it is computed to";
  return {
    section: "III.C",
    name: "txAddr, at which the transaction is created",
    where: "hash of the network, the code's hash and the bytes of OPEN; key 1 of each report and completion",
    found: [toHex(view.address), `${holds}: other terms or other code would have another address`],
  };
}

function script({ facts }: PaperTour, { open, view }: TouredCharge): PaperElement {
  const { codeHash } = open.fact.body.terms;
  const { contract } = askContract(view.charge, view.result !== undefined);
  const carried = facts.find(({ fact }) => fact.kind === "CODE" && equalBytes(fact.body.program, programOf(view)));
  return {
    section: "III.B, III.C",
    name: "programmable script; its content cannot be modified",
    where: "TERMS key 2, hash of the code; CODE, the program itself",
    found: [
      `${contract}, code hash ${beginning(codeHash)}`,
      carried === undefined
        ? "its program is one that every gateway carries"
        : `its program, ${programOf(view).length} bytes, is a fact of block ${carried.serial}`,
    ],
  };
}

function programOf({ charge }: TouredCharge["view"]): Uint8Array {
  return charge.code ?? new Uint8Array();
}

function latestChain({ chain }: PaperTour, { open }: TouredCharge): PaperElement {
  const [serial, id] = open.fact.body.reference;
  const isVotedFor = chain.genesis.body.rules.finality !== "off";
  const why = isVotedFor ? "which every branch holds" : "all that is sure to be in every branch where nobody votes";
  return {
    section: "II.E",
    name: "the latest blockchain is requested before trading",
    where: "each gateway's log, chainRequested; of a chain OPEN key 8, a block that both hold",
    found: [`the contract refers to block ${serial}, ${shortId(id)}, ${why}`],
  };
}

/** Who sealed what it has not said must have heard it. */
function broadcast({ links }: PaperTour, { open, facts }: TouredCharge): PaperElement {
  const { vehicle, station } = open.fact.body;
  const minerOf = (serial: number): Uint8Array | undefined =>
    links.find((link) => link.serial === serial)?.block?.header.miner;
  const all = [open, ...facts];
  const byOthers = all.filter(({ serial }) => {
    const miner = minerOf(serial);
    return miner !== undefined && !equalBytes(miner, vehicle) && !equalBytes(miner, station);
  });
  return {
    section: "II.E, II, III.A",
    name: "the communication entity broadcasts the transaction's details to the network for inclusion in the block",
    where: "the mesh's topics under tx; of a chain, who sealed what (header key 9)",
    found: [
      `${byOthers.length} of ${all.length} facts of this charge were put into blocks by nodes that are no party of it`,
    ],
  };
}

function meters({ open }: TouredCharge): PaperElement {
  const { mpePpm, measuringPoints, resolutionMilliWh: steps, powerMaxW, energyMaxMilliWh } = open.fact.body.terms;
  const of = (side: 0 | 1): string =>
    `at the ${measuringPoints[side]}, errs by at most ${percentText(mpePpm[side])}, steps of ${steps[side]} mWh`;
  return {
    section: "II, II.D",
    name: "power management entity: charging manager and battery manager, each with the smart meter that it manages",
    where: "TERMS keys 11, 19 and 20; to be charged: keys 8 and 9",
    found: [
      `charging manager of the station: ${of(0)}`,
      `battery manager of the vehicle: ${of(1)}`,
      `calculated to be charged: at most ${kwhText(energyMaxMilliWh)} at ${powerMaxW} W`,
    ],
  };
}

function reports({ facts, open }: TouredCharge): PaperElement {
  const { readingIntervalSeconds, readingsPerReport, exposureMilliWh } = open.fact.body.terms;
  const rhythm = `a reading each ${readingIntervalSeconds} s, ${readingsPerReport} to a report`;
  const risk =
    exposureMilliWh === EXPOSURE_UNLIMITED_MILLI_WH
      ? "compared at the end only"
      : `${kwhText(exposureMilliWh)} at risk at most`;
  const own = facts.flatMap(({ fact, serial }) =>
    fact.kind === "REPORT" ? [`${fact.body.role.padEnd(7)} ${reportText(fact)}, in block ${serial}`] : [],
  );
  return {
    section: "III.C, II.D",
    name: "both report their charging status, and every report is recorded",
    where: "REPORT: readings at key 5, the report before at key 6",
    found: own.length === 0 ? [] : [`${rhythm}; ${risk}`, ...own.slice(0, LISTED_MAX), ...rest(own.length)],
  };
}

const LISTED_MAX = 40;

function rest(count: number): readonly string[] {
  return count > LISTED_MAX ? [`and ${count - LISTED_MAX} more`] : [];
}

function reportText({ id, body }: Extract<Fact, { readonly kind: "REPORT" }>): string {
  const { sequence, registerMilliWh, previous } = body;
  const register = registerMilliWh.reduce((sum, step) => sum + step, 0);
  return `report ${sequence} ${shortId(id)} behind ${shortId(previous)}, register ${kwhText(register)}`;
}

function measured({ view }: TouredCharge): PaperElement {
  const { open, completes } = view.charge;
  const lines = ROLES.flatMap((role, place) => {
    const end = completes[role]?.finalMilliWh;
    const start = open.startMilliWh[place] ?? 0;
    if (end === undefined) return [];
    const point = open.terms.measuringPoints[place] ?? "";
    return [
      `${role.padEnd(7)} ${kwhText(end - start)} at the ${point}: register ${kwhText(start)}, then ${kwhText(end)}`,
    ];
  });
  return {
    section: "I, II.D",
    name: "measured separately, each with its own smart meter",
    where: "OPEN key 9, both start registers; COMPLETE key 3, each final one",
    found: lines,
  };
}

function completion({ facts, view }: TouredCharge): PaperElement {
  const lines = facts.flatMap(({ fact, serial }) => {
    if (fact.kind !== "COMPLETE") return [];
    const { role, reason, atMs } = fact.body;
    const at = clockText(view.charge.open.startedAt + Math.floor(atMs / 1000));
    return [{ atMs, line: `${role.padEnd(7)} at ${at}, ${reason}, ${shortId(fact.id)}, in block ${serial}` }];
  });
  return {
    section: "II.D, II.E",
    name: "the EV informs of the completion; both broadcast it",
    where: "COMPLETE of each role",
    found: [...lines].sort((left, right) => left.atMs - right.atMs).map(({ line }) => line),
  };
}

function comparison({ view: { result } }: TouredCharge): PaperElement {
  return {
    section: "II.D",
    name: "the station verifies and compares with its own amount",
    where: "RESULT keys 3, 4, 8, 9 and 10; computed by every node",
    found:
      result === undefined
        ? []
        : [
            `station ${kwhText(result.stationMilliWh)}, vehicle ${kwhText(result.vehicleMilliWh)}: ${result.verdict}`,
            `off what is expected by ${percentText(result.differencePpm)}`,
            `disagreement from ${percentText(result.rejectionLimitPpm)}`,
          ],
  };
}

function execution({ open, view: { result, sealed } }: TouredCharge): PaperElement {
  const { currency, currencyDigits } = open.fact.body.terms;
  const price = result === undefined ? "" : moneyText(result.amount, currencyDigits, currency);
  return {
    section: "II.E, III.B",
    name: "the remaining transaction is executed; the miner's block contains the result",
    where: "RESULT keys 2, 5, 6 and 7, under the header's resultsRoot; prices: TERMS key 4",
    found:
      result === undefined || sealed === undefined
        ? []
        : [
            `${result.state}, ${kwhText(result.billedMilliWh)} billed: ${price}`,
            `${kwhText(result.contestedMilliWh)} not executed`,
            `in block ${sealed.serial} by ${shortDeviceId(sealed.miner)} at ${utcText(sealed.sealedAt)}`,
          ],
  };
}

function standing({ chain }: PaperTour, { resultIn }: TouredCharge): PaperElement {
  const behind = chain.head.serial - (resultIn ?? 0);
  return {
    section: "III.C",
    name: "the longer the chain, the more reliable the billing",
    where: "blocks behind the one with the result: whoever changes it has to make all of them again",
    found: resultIn === undefined ? [] : [`${behind} blocks behind block ${resultIn}`],
  };
}

function queries({ view, facts }: TouredCharge): PaperElement {
  const { contract, answers } = askContract(view.charge, view.result !== undefined);
  const told = [...answers].map(([name, value]) => `${name} = ${value === undefined ? "trapped" : String(value)}`);
  const kinds = [...new Set(facts.map(({ fact }) => fact.kind))];
  return {
    section: "III.C",
    name: "queries and commands at txAddr",
    where: "queries of the program, answered from the facts; each fact of the charge is a command",
    found: [`${contract} answers: ${told.join(", ")} (mWh)`, `commands given: ${kinds.join(", ")}`],
  };
}

/** The steps in the order of the figure, with the block that holds each. */
function process({ facts }: PaperTour, { open, facts: own, resultIn }: TouredCharge): PaperElement {
  const { vehicle, station } = open.fact.body;
  const blockOf = (kind: Fact["kind"]): string => blocksOf(own.filter(({ fact }) => fact.kind === kind));
  const joins = facts.filter(({ fact }) => fact.kind === "JOIN").length;
  return {
    section: "Fig. 1",
    name: "the process of the entire system",
    where: "the facts in the order of the blocks",
    found: [
      `keys and device ids shared: genesis, and ${joins} JOIN in blocks`,
      `${shortDeviceId(vehicle)} and ${shortDeviceId(station)} authenticated: block ${open.serial}`,
      `same transaction broadcast: block ${open.serial}`,
      `charging reported by both: blocks ${blockOf("REPORT")}`,
      `completion by both: blocks ${blockOf("COMPLETE")}`,
      `result: ${resultIn === undefined ? "none yet" : `block ${resultIn}`}`,
    ],
  };
}

function blocksOf(placed: readonly PlacedFact[]): string {
  const serials = [...new Set(placed.map(({ serial }) => serial))];
  return serials.length === 0 ? "none" : serials.join(", ");
}
