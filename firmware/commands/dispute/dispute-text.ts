/** Disputes in plain lines: a list of them, one with all its figures, and what was just said. */
import { durationText, kwhText, moneyText, percentText, utcText } from "#records/quantity-text.ts";
import type { Role } from "#core/session/facts.ts";
import type { ComparedReadings, ComparedRow } from "#services/compared-readings.ts";
import type { DisputeSummary, DisputeView, Outcome } from "#services/dispute-view.ts";
import { addressText, deviceText } from "./dispute-fault-text.ts";

export function disputeListLines(disputes: readonly DisputeSummary[], more: number): readonly string[] {
  if (disputes.length === 0) return ["nothing is disputed"];
  const rest = more === 0 ? [] : [`and ${more} more, which began later`];
  return [...disputes.flatMap(summaryLines), ...rest];
}

function summaryLines(dispute: DisputeSummary): readonly string[] {
  const { address, state, ending, stationMilliWh, vehicleMilliWh, billedMilliWh, contestedMilliWh, lastAt } = dispute;
  const { station, vehicle } = dispute.proposed;
  const said = [
    ...(station > 0 ? [`the station has proposed ${station === 1 ? "once" : `${station} times`}`] : []),
    ...(vehicle > 0 ? [`the vehicle has proposed ${vehicle === 1 ? "once" : `${vehicle} times`}`] : []),
    ...(dispute.isJudged ? ["the arbiter has ruled"] : []),
  ];
  const contested = dispute.isOpen
    ? `${kwhText(contestedMilliWh)} contested, which lapses after ${utcText(lastAt)}`
    : `ended by ${ending ?? "nothing"}`;
  return [
    `${addressText(address)}  ${utcText(dispute.startedAt)}  ${state}  you are ${STANDING[dispute.standing]}`,
    `  the station says ${kwhText(stationMilliWh)}, the vehicle ${kwhText(vehicleMilliWh)}`,
    `  billed ${kwhText(billedMilliWh)}, ${money(dispute, dispute.amount)}; ${contested}`,
    ...(said.length === 0 ? [] : [`  ${said.join("; ")}`]),
  ];
}

export function disputeLines(view: DisputeView): readonly string[] {
  return [
    `Dispute about charge ${view.address}`,
    row(
      "charge",
      `${utcText(view.startedAt)}, station ${deviceText(view.station)}, vehicle ${deviceText(view.vehicle)}`,
    ),
    row("you are", STANDING[view.standing]),
    row("state", `${view.state} by ${view.ending ?? "nothing"}, revision ${view.revision}`),
    ...(["station", "vehicle"] as const).map((role) => row(`the ${role}`, sideText(view, role))),
    row("verdict", verdictText(view)),
    row("undisputed", kwhText(view.undisputedMilliWh)),
    row("contested", kwhText(view.contestedMilliWh)),
    row("billed", `${kwhText(view.billedMilliWh)}, ${money(view, view.amount)}`),
    ...(view.readings === null ? [row("readings", "in the blocks: tallystick show tx")] : readingLines(view.readings)),
    ...view.causes.map((cause) =>
      row("may be", `${words(cause.code)} (${cause.side}), fits ${percentText(cause.fitPpm)}`),
    ),
    ...wordLines(view),
    ...outcomeLines(view),
  ];
}

/** What follows from what was just signed. */
export function saidLines(view: DisputeView, isNew: boolean): readonly string[] {
  const waiting = view.outcomes.find(({ way }) => way === "waiting");
  return [
    isNew ? "signed, and stored here; it is not in a block yet" : "that was said before; nothing new was signed",
    waiting === undefined
      ? "the dispute goes on until the other side says the same, the arbiter rules, or it lapses"
      : `with the next block the charge is settled: ${amountText(view, waiting)}`,
  ];
}

const STANDING: Readonly<Record<DisputeSummary["standing"], string>> = {
  station: "the station",
  vehicle: "the vehicle",
  arbiter: "the arbiter",
  none: "neither of the two",
};

function sideText({ completed, stationMilliWh, vehicleMilliWh }: DisputeView, role: Role): string {
  const reason = completed[role];
  const energy = kwhText(role === "station" ? stationMilliWh : vehicleMilliWh);
  return `${energy}, ${reason === null ? "fell silent: has not completed" : `ended: ${words(reason)}`}`;
}

function verdictText({ judgement }: DisputeView): string {
  if (judgement === null) return "none: the two have not both completed";
  const { verdict, reason, differencePpm, rejectionLimitPpm, tolerancePpm, expandedUncertaintyPpm } = judgement;
  const limit = `${percentText(tolerancePpm)} agreed + ${percentText(expandedUncertaintyPpm)} uncertainty`;
  const figures = `difference ${percentText(differencePpm)}, limit ${percentText(rejectionLimitPpm)} (${limit})`;
  return `${verdict} (${words(reason.toLowerCase())}): ${figures}, expected ${percentText(judgement.expectedRatioPpm)}`;
}

function readingLines({ common, mismatches, agreedIndex, agreedMilliWh, rows }: ComparedReadings): readonly string[] {
  const agreed =
    agreedIndex === null ? "none is agreed on" : `agreed up to reading ${agreedIndex}, ${kwhText(agreedMilliWh)}`;
  return [
    row("readings", `${common} of both, ${mismatches} do not match; ${agreed}`),
    "    reading      time        station        vehicle   the station's is possible from … to",
    ...rows.map(readingLine),
  ];
}

function readingLine({ index, seconds, stationMilliWh, vehicleMilliWh, ...bound }: ComparedRow): string {
  const name = index < 0 ? "start" : String(index);
  const possible = `${kwhText(bound.leastMilliWh).padStart(14)} … ${kwhText(bound.mostMilliWh)}`;
  const energies = [stationMilliWh, vehicleMilliWh].map((each) => kwhText(each).padStart(14)).join(" ");
  return `    ${name.padStart(7)}  ${durationText(seconds)} ${energies} ${possible}${bound.isMatch ? "" : "  parted"}`;
}

function wordLines(view: DisputeView): readonly string[] {
  const sealed = (isSealed: boolean): string => (isSealed ? "" : ", not in a block yet");
  const arbiter = view.arbiter === null ? "nobody: the terms name none" : deviceText(view.arbiter);
  return [
    ...view.proposals.map(({ role, number, isSealed, ...each }) =>
      row("proposal", `${role} ${number}: ${amountText(view, each)}${sealed(isSealed)}`),
    ),
    row("arbiter", arbiter),
    ...(view.ruling === null
      ? []
      : [
          row(
            "ruling",
            `${kwhText(view.ruling.energyMilliWh)}, fault: ${view.ruling.fault}${sealed(view.ruling.isSealed)}`,
          ),
          row("reason", view.ruling.reason),
        ]),
  ];
}

function outcomeLines(view: DisputeView): readonly string[] {
  if (!view.isOpen) return [row("ended", "nothing more can be said about it")];
  return [
    `  what can happen until ${utcText(view.lastAt)}:`,
    ...view.outcomes.map((outcome) => `    ${wayText(view, outcome).padEnd(46)} ${amountText(view, outcome)}`),
  ];
}

function wayText({ standing }: DisputeView, { way }: Outcome): string {
  switch (way) {
    case "waiting":
      return "all has been said, a block will hold it";
    case "station-proposed":
    case "vehicle-proposed": {
      const by = way === "station-proposed" ? "station" : "vehicle";
      if (standing === by) return "the other side accepts your proposal";
      return standing === "none" || standing === "arbiter"
        ? `both go by the ${by}'s proposal`
        : `you accept the ${by}'s proposal`;
    }
    case "arbiter-least":
      return "the arbiter rules for the vehicle";
    case "arbiter-most":
      return "the arbiter rules for the station";
    case "late-completion":
      return "the vehicle completes after all, and it matches";
    case "lapse":
      return "nothing is said: the rest lapses";
  }
}

function amountText(
  currency: Pick<DisputeSummary, "currency" | "currencyDigits">,
  { energyMilliWh, amount }: { readonly energyMilliWh: number; readonly amount: number },
): string {
  return `${kwhText(energyMilliWh)} for ${money(currency, amount)}`;
}

function money(of: Pick<DisputeSummary, "currency" | "currencyDigits">, minorUnits: number): string {
  return moneyText(minorUnits, of.currencyDigits, of.currency);
}

function words(code: string): string {
  return code.replaceAll("-", " ");
}

function row(name: string, text: string): string {
  return `  ${name.padEnd(14)} ${text}`;
}
