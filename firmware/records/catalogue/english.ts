/** The texts of a receipt in English. */
import type { Catalogue } from "./catalogue.ts";
import { ENGLISH_NOTATION } from "./english-notation.ts";

export const ENGLISH: Catalogue = {
  language: "en",
  notation: ENGLISH_NOTATION,
  title: "Charging receipt",
  labels: {
    address: "Charge",
    station: "Station",
    vehicle: "Vehicle",
    outlet: "outlet",
    region: "Network",
    began: "Began",
    stationEnded: "Station ended",
    vehicleEnded: "Vehicle ended",
    binding: "Same cable",
    measured: "What both measured",
    stationEnergy: "Station's meter",
    vehicleEnergy: "Vehicle's meter",
    billed: "Billed",
    contested: "Contested, not billed",
    expected: "Share that reached the car",
    difference: "Difference from expectation",
    limit: "Disagreement from",
    uncertainty: "Uncertainty of the comparison",
    stationMeter: "station's meter",
    vehicleMeter: "vehicle's meter",
    losses: "charging losses",
    steps: "steps of the registers",
    time: "clocks",
    verdict: "Verdict",
    outcome: "Outcome",
    revision: "Revision",
    toPay: "To pay",
    price: "What it costs",
    confirmed: "Confirmation",
    who: "Who, where, when",
    comparison: "How the two compare",
    curve: "Charging power",
    causes: "What may explain the difference",
    whatToDo: "What you can do",
    meaning: "What this means",
    proof: "Proof",
    reason: "Arbiter's reason",
    fault: "Fault, as ruled",
  },
  roles: { station: "station", vehicle: "vehicle" },
  eitherSide: "one of the two",
  places: {
    mains: "at the mains",
    "vehicle-inlet": "at the vehicle's inlet",
    "charger-output": "at the charger's output",
    battery: "at the battery",
  },
  reasons: {
    finished: "finished",
    unplugged: "unplugged",
    "stopped-by-driver": "stopped by the driver",
    "stopped-by-station": "stopped by the station",
    "peer-silent": "the other side fell silent",
    disagreement: "the meters disagreed",
    "meter-absent": "the meter did not answer",
    "limit-reached": "a limit was reached",
    fault: "a fault",
    "another-car": "the station charges another car",
  },
  binding: {
    confirmed: "the car has seen the station's pattern on its own battery",
    "not-seen": "agreed on, but the car could not tell",
    contradicted: "no: the station's pattern was in another car",
  },
  headlines: {
    agree: "The two meters agree",
    undecided: "Settled; the comparison is undecided",
    tooLittle: "Settled; too little energy to compare",
    disagree: "The two meters disagree",
    notCapable: "Settled; the meters are too coarse to compare",
    abandoned: "One side did not finish",
    cancelled: "Cancelled, nothing was charged",
    settledLater: "Settled after a dispute",
    running: "Not finished yet",
  },
  states: {
    OPEN: "open: signed by both, nothing has flowed yet",
    ACTIVE: "running",
    COMPLETING: "one side has completed, the other has time to",
    SETTLED: "settled",
    DISPUTED: "disputed: only what both have signed to is billed",
    ABANDONED: "abandoned",
    CANCELLED: "cancelled: nothing is billed",
  },
  unbilled: { DISPUTED: "disputed: nothing is billed", ABANDONED: "abandoned: nothing is billed" },
  endings: {
    comparison: "by comparing both measurements",
    silence: "because a side fell silent",
    mutual: "by agreement of both",
    arbiter: "by the arbiter's ruling",
    lapse: "the time for a dispute is over: what was contested is not billed",
    cancelled: "both took it back",
  },
  faults: { none: "nobody's", station: "the station's", vehicle: "the vehicle's", both: "both sides'" },
  silent: ["", "the station fell silent", "the vehicle fell silent", "both fell silent"],
  verdicts: {
    AGREE: ({ difference, acceptance }) => `the two agree: the difference of ${difference} is within ${acceptance}`,
    DISAGREE: ({ difference, isLess, limit }) =>
      `the two disagree: the vehicle measured ${difference} ${isLess ? "less" : "more"} than the station's amount ` +
      `lets expect; the limit is ${limit}`,
    "NOT-CAPABLE": () => "no verdict: the meters are too uncertain for the tolerance that was agreed",
    INCONCLUSIVE: ({ difference, acceptance, limit }) =>
      `undecided: the difference of ${difference} lies between ${acceptance}, up to which the two surely agree, and ` +
      `${limit}, from which they surely disagree; it is billed like an agreement`,
    MMQ: ({ minimum }) => `no verdict: less energy than the ${minimum} that one takes`,
    NONE: () => "no verdict: the two have not both completed",
  },
  shares: (expected, found) => `expected ${expected}, found ${found}`,
  limitParts: (tolerance, uncertainty) => `${tolerance} agreed and ${uncertainty} uncertainty`,
  comparison: ({ station, vehicle, expected, power, found, where }) =>
    `Station ${station}, car ${vehicle}, expected ${expected} at up to ${power}` +
    `${found === undefined ? "" : `, found ${found}`}: ${where}.`,
  found: {
    withinLoss: "within the expected charging loss",
    withinTolerance: "a little outside the expected charging loss, within what two honest meters may differ",
    nearLimit: "outside the expected charging loss, but not beyond what the uncertainty of the meters can explain",
    belowLimit: "the car received less than any charging loss explains",
    aboveLimit: "the car claims more than the station can have delivered",
    tooLittle: "too little energy for a fair comparison",
    notCapable: "these two meters cannot show an agreement",
  },
  causes: {
    "counter-jump": ({ side, energy, from, to }) =>
      `A counter jumped by ${energy} between ${from} and ${to} (${side}).`,
    "counter-reset": ({ side, energy, from }) =>
      `A counter was reset or stood still from ${from}; ${energy} are missing (${side}).`,
    "lost-phase": ({ side, share }) => `A phase was not counted: ${share} of what was expected (${side}).`,
    "factor-1000": ({ side, factor }) => `The unit is wrong by a factor of ${factor} (${side}).`,
    "pulse-constant": ({ side, share }) =>
      `A constant of the meter is wrong: ${share} of what was expected throughout (${side}).`,
    "reversed-transformer": ({ side, energy }) =>
      `A current transformer is mounted the wrong way round; ${energy} are missing (${side}).`,
    "swapped-vehicles": () => "The two courses of power do not belong together: another car may be on this outlet.",
    "charging-loss": ({ share, plausible }) =>
      `Charging loss: ${share} were lost on the way into the battery; ${plausible} are usual.`,
    "clock-offset": ({ seconds }) => `The clocks of the two sides are about ${seconds} s apart.`,
    "standing-consumption": ({ power, energy }) =>
      `Heating, cooling or electronics of the car drew about ${power}, ${energy} in all.`,
  },
  diagnosis: {
    intro: "Likely causes, the best fitting first:",
    caution: "A cause is a likelihood, not a finding.",
  },
  dimensions: {
    ENERGY: "Energy",
    TIME: "Charging time",
    PARKING_TIME: "Standing after charging",
    FLAT: "Fee per charge",
  },
  phases: {
    reservation: (what) => `Reservation: ${what}`,
    "reservation-expired": (what) => `Reservation not used: ${what}`,
  },
  price: {
    columns: ["Item", "Time", "Quantity", "Price", "Amount"],
    perKwh: (price) => `${price} per kWh`,
    perHour: (price) => `${price} per hour`,
    once: "once",
    free: "free",
    notBilled: "not billed",
    rounding: "Rounding",
    minimum: "Up to the minimum price",
    maximum: "Down to the maximum price",
    beforeTax: "Net",
    tax: (rate) => `Tax ${rate}`,
    taxOfBound: "Tax on the minimum or maximum price",
    total: "To pay",
    agreedOn: "Agreed on by both in place of the tariff's price",
    sealedOnly: "The lines are in the full receipt; the amount is as the block says.",
    stepped: (quantity) => `billed as ${quantity}`,
    forEnergy: (energy) => `for ${energy}`,
    nothing: "Nothing is to be paid.",
  },
  confirmations: {
    open: () => "not yet: one side or both have still to complete",
    C0: () => "C0, agreed: both sides have signed; no block holds the result yet",
    C1: ({ block, miner, at }) => `C1, sealed: in block ${block} by ${miner} at ${at}; not final yet`,
    "C1 for good": ({ block, miner, at }) =>
      `C1, sealed: in block ${block} by ${miner} at ${at}; this region has no voters, so no block becomes final`,
    "C1 as shown": ({ block, miner, at }) =>
      `C1, sealed: in block ${block} by ${miner} at ${at}; whether it is final is not shown here`,
    "C1 claimed": ({ block, miner, at, signed, voters, epoch }) =>
      `C1, sealed: in block ${block} by ${miner} at ${at}; ${signed} of ${voters} voters of epoch ${epoch} have ` +
      "signed it as final, if the voters are those named here, which only the region's chain shows",
    C2: ({ block, miner, at, voters }) =>
      `C2, final: in block ${block} by ${miner} at ${at}; more than two thirds of ${voters} voters have signed it`,
    "C2 alone": ({ block, miner, at }) =>
      `C2, final: in block ${block} by ${miner} at ${at}; by the region's only voter, so it is the operator's log`,
  },
  advice: {
    inconclusive:
      "Undecided means: the difference is too small to object to and, because the meters are uncertain, not small " +
      "enough to certify an agreement. That is common for a single charge and no fault of anybody. It is billed like " +
      "an agreement, by the station's meter.",
    notCapable:
      "The two meters together are less certain than the tolerance that was agreed, so no comparison could show an " +
      "agreement. The station's meter is billed.",
    tooLittle:
      "With so little energy the steps of the registers weigh more than any difference. The station's meter " +
      "is billed.",
    mutual: "The two had measured differently; then both sides signed the same proposal for this amount.",
    ruled: "The two had measured differently; then the arbiter whom the contract names decided this amount.",
    lapsed: "The time for a dispute is over. What was contested is not billed.",
    owed: (billed, contested) =>
      `Now you owe only what both sides have signed to: ${billed}. ${contested} are contested and not billed.`,
    owedNothing: (contested) => `Now you owe nothing. ${contested} are contested and not billed.`,
    contested: (energy) => `${energy} are contested and not billed.`,
    settle: ({ until, address }) =>
      `Until ${until} both sides can agree on an amount, each by signing the same proposal: ` +
      `tallystick dispute resolve ${address}. Show the operator of the station this receipt.`,
    elseLapses: "If nothing happens by then, what is contested is not billed.",
    elseStays: "If nothing happens by then, the amount stays as it is.",
    noWayOut: "The contract that both signed has no way to end this afterwards: neither by agreement nor by a ruling.",
    keep: "Keep this receipt and the receipt file: together they hold what both sides have signed.",
    abandoned: (silent) =>
      `${silent}. What both had signed to by then is billed, and what the contract says of silence.`,
    abandonedFree: (silent) => `${silent}. The contract bills nothing then.`,
    arbiter: (arbiter) => `The contract names an arbiter, ${arbiter}: either side can ask for a ruling in that time.`,
    noArbiter: "The contract names no arbiter.",
    revision: (number) => `This is revision ${number} of the result; it replaces the earlier ones.`,
  },
  curve: {
    power: "kW",
    clock: "UTC",
    describe: ({ length, station, vehicle }) =>
      `Power over ${length}: the station's meter shows up to ${station}, the vehicle's up to ${vehicle}.`,
  },
  code: {
    alt: "QR code with the signatures of both sides and of the block",
    caption: "Check it without network: scan the code and give its text to “tallystick verify”.",
    asText: "The code as text",
    none: "This contract is too long for a code. Check the receipt file with “tallystick verify”.",
    pageNote: "These words are made from signed data and are not signed themselves: the code and the receipt file are.",
  },
  page: (number, of) => `Page ${number} of ${of}`,
};
