/** The texts of a receipt in German. */
import type { Catalogue } from "./catalogue.ts";
import { GERMAN_NOTATION } from "./german-notation.ts";

export const GERMAN: Catalogue = {
  language: "de",
  notation: GERMAN_NOTATION,
  title: "Ladebeleg",
  labels: {
    address: "Ladevorgang",
    station: "Ladestation",
    vehicle: "Fahrzeug",
    outlet: "Ladepunkt",
    region: "Netz",
    began: "Beginn",
    stationEnded: "Ende an der Station",
    vehicleEnded: "Ende am Fahrzeug",
    binding: "Dasselbe Kabel",
    measured: "Was beide gemessen haben",
    stationEnergy: "Zähler der Station",
    vehicleEnergy: "Zähler des Fahrzeugs",
    billed: "Berechnet",
    contested: "Strittig, nicht berechnet",
    expected: "Anteil, der im Auto ankam",
    difference: "Abweichung vom Erwarteten",
    limit: "Widerspruch ab",
    uncertainty: "Unsicherheit des Vergleichs",
    stationMeter: "Zähler der Station",
    vehicleMeter: "Zähler des Fahrzeugs",
    losses: "Ladeverluste",
    steps: "Schritte der Zählwerke",
    time: "Uhren",
    verdict: "Urteil",
    outcome: "Ergebnis",
    revision: "Fassung",
    toPay: "Zu zahlen",
    price: "Was es kostet",
    confirmed: "Bestätigung",
    who: "Wer, wo, wann",
    comparison: "Wie beide zusammenpassen",
    curve: "Ladeleistung",
    causes: "Was den Unterschied erklären kann",
    whatToDo: "Was Sie tun können",
    meaning: "Was das heißt",
    proof: "Nachweis",
    reason: "Begründung des Schlichters",
    fault: "Verschulden laut Spruch",
  },
  roles: { station: "Station", vehicle: "Fahrzeug" },
  eitherSide: "eine der beiden Seiten",
  places: {
    mains: "am Netzanschluss",
    "vehicle-inlet": "an der Ladedose des Fahrzeugs",
    "charger-output": "am Ausgang des Ladegeräts",
    battery: "an der Batterie",
  },
  reasons: {
    finished: "fertig",
    unplugged: "Stecker gezogen",
    "stopped-by-driver": "vom Fahrer beendet",
    "stopped-by-station": "von der Station beendet",
    "peer-silent": "die andere Seite schwieg",
    disagreement: "die Zähler widersprachen sich",
    "meter-absent": "der Zähler antwortete nicht",
    "limit-reached": "eine Grenze war erreicht",
    fault: "eine Störung",
    "another-car": "die Station lädt ein anderes Auto",
  },
  binding: {
    confirmed: "das Auto hat das Muster der Station an seiner Batterie gesehen",
    "not-seen": "vereinbart, aber das Auto konnte es nicht erkennen",
    contradicted: "nein: das Muster der Station war in einem anderen Auto",
  },
  headlines: {
    agree: "Beide Zähler stimmen überein",
    undecided: "Abgerechnet; der Vergleich bleibt offen",
    tooLittle: "Abgerechnet; zu wenig Energie für einen Vergleich",
    disagree: "Die Zähler widersprechen sich",
    notCapable: "Abgerechnet; die Zähler sind für einen Vergleich zu grob",
    abandoned: "Eine Seite hat nicht abgeschlossen",
    cancelled: "Abgebrochen, nichts geladen",
    settledLater: "Nach einem Streit abgerechnet",
    running: "Noch nicht abgeschlossen",
  },
  states: {
    OPEN: "offen: beide haben unterschrieben, geflossen ist noch nichts",
    ACTIVE: "läuft",
    COMPLETING: "eine Seite hat abgeschlossen, die andere hat noch Zeit",
    SETTLED: "abgerechnet",
    DISPUTED: "strittig: berechnet wird nur, was beide unterschrieben haben",
    ABANDONED: "nicht abgeschlossen",
    CANCELLED: "abgebrochen: nichts wird berechnet",
  },
  unbilled: { DISPUTED: "strittig: nichts wird berechnet", ABANDONED: "nicht abgeschlossen: nichts wird berechnet" },
  endings: {
    comparison: "durch Vergleich beider Messungen",
    silence: "weil eine Seite schwieg",
    mutual: "durch Einigung beider",
    arbiter: "durch Spruch des Schlichters",
    lapse: "die Frist für den Streit ist vorbei: das Strittige wird nicht berechnet",
    cancelled: "beide haben zurückgezogen",
  },
  faults: { none: "niemandes", station: "der Station", vehicle: "des Fahrzeugs", both: "beider Seiten" },
  silent: ["", "die Station schwieg", "das Fahrzeug schwieg", "beide schwiegen"],
  verdicts: {
    AGREE: ({ difference, acceptance }) =>
      `beide stimmen überein: die Abweichung von ${difference} liegt innerhalb von ${acceptance}`,
    DISAGREE: ({ difference, isLess, limit }) =>
      `die Zähler widersprechen sich: das Fahrzeug hat ${difference} ${isLess ? "weniger" : "mehr"} gemessen, ` +
      `als die Menge der Station erwarten lässt; die Grenze ist ${limit}`,
    "NOT-CAPABLE": () => "kein Urteil: die Zähler sind für die vereinbarte Toleranz zu unsicher",
    INCONCLUSIVE: ({ difference, acceptance, limit }) =>
      `offen: die Abweichung von ${difference} liegt zwischen ${acceptance}, bis zu denen beide sicher ` +
      `übereinstimmen, und ${limit}, ab denen sie sich sicher widersprechen; abgerechnet wird wie bei Übereinstimmung`,
    MMQ: ({ minimum }) => `kein Urteil: weniger Energie als die ${minimum}, die es dafür braucht`,
    NONE: () => "kein Urteil: nicht beide haben abgeschlossen",
  },
  shares: (expected, found) => `erwartet ${expected}, gefunden ${found}`,
  limitParts: (tolerance, uncertainty) => `${tolerance} vereinbart und ${uncertainty} Unsicherheit`,
  comparison: ({ station, vehicle, expected, power, found, where }) =>
    `Station ${station}, Auto ${vehicle}, erwartet ${expected} bei bis zu ${power}` +
    `${found === undefined ? "" : `, gefunden ${found}`}: ${where}.`,
  found: {
    withinLoss: "im Rahmen des erwarteten Ladeverlusts",
    withinTolerance:
      "etwas außerhalb des erwarteten Ladeverlusts, im Rahmen dessen, was zwei ehrliche Zähler trennen kann",
    nearLimit:
      "außerhalb des erwarteten Ladeverlusts, aber nicht weiter, als die Unsicherheit der Zähler erklären kann",
    belowLimit: "beim Auto kam weniger an, als ein Ladeverlust erklärt",
    aboveLimit: "das Auto will mehr bekommen haben, als die Station geliefert haben kann",
    tooLittle: "zu wenig Energie für einen fairen Vergleich",
    notCapable: "diese beiden Zähler können keine Übereinstimmung zeigen",
  },
  causes: {
    "counter-jump": ({ side, energy, from, to }) =>
      `Ein Zählwerk sprang zwischen ${from} und ${to} um ${energy} (${side}).`,
    "counter-reset": ({ side, energy, from }) =>
      `Ein Zählwerk wurde zurückgesetzt oder stand ab ${from} still; ${energy} fehlen (${side}).`,
    "lost-phase": ({ side, share }) => `Eine Phase wurde nicht gezählt: ${share} des Erwarteten (${side}).`,
    "factor-1000": ({ side, factor }) => `Die Einheit ist um den Faktor ${factor} falsch (${side}).`,
    "pulse-constant": ({ side, share }) =>
      `Eine Konstante des Zählers ist falsch: durchgehend ${share} des Erwarteten (${side}).`,
    "reversed-transformer": ({ side, energy }) =>
      `Ein Stromwandler ist verkehrt eingebaut; ${energy} fehlen (${side}).`,
    "swapped-vehicles": () =>
      "Die beiden Leistungsverläufe gehören nicht zusammen: an diesem Ladepunkt kann ein anderes Auto stehen.",
    "charging-loss": ({ share, plausible }) =>
      `Ladeverlust: ${share} gingen auf dem Weg in die Batterie verloren; üblich sind ${plausible}.`,
    "clock-offset": ({ seconds }) => `Die Uhren beider Seiten gehen etwa ${seconds} s auseinander.`,
    "standing-consumption": ({ power, energy }) =>
      `Heizung, Kühlung oder Elektronik des Autos zogen etwa ${power}, zusammen ${energy}.`,
  },
  diagnosis: {
    intro: "Wahrscheinliche Ursachen, die passendste zuerst:",
    caution: "Eine Ursache ist eine Vermutung, keine Feststellung.",
  },
  dimensions: {
    ENERGY: "Energie",
    TIME: "Ladezeit",
    PARKING_TIME: "Stehen nach dem Laden",
    FLAT: "Gebühr je Ladevorgang",
  },
  phases: {
    reservation: (what) => `Reservierung: ${what}`,
    "reservation-expired": (what) => `Ungenutzte Reservierung: ${what}`,
  },
  price: {
    columns: ["Posten", "Zeit", "Menge", "Preis", "Betrag"],
    perKwh: (price) => `${price} je kWh`,
    perHour: (price) => `${price} je Stunde`,
    once: "einmalig",
    free: "frei",
    notBilled: "nicht berechnet",
    rounding: "Rundung",
    minimum: "Bis zum Mindestpreis",
    maximum: "Auf den Höchstpreis",
    beforeTax: "Netto",
    tax: (rate) => `Steuer ${rate}`,
    taxOfBound: "Steuer auf Mindest- oder Höchstpreis",
    total: "Zu zahlen",
    agreedOn: "Von beiden vereinbart anstelle des Tarifpreises",
    sealedOnly: "Die Posten stehen im vollständigen Beleg; der Betrag ist der des Blocks.",
    stepped: (quantity) => `berechnet als ${quantity}`,
    forEnergy: (energy) => `für ${energy}`,
    nothing: "Es ist nichts zu zahlen.",
  },
  confirmations: {
    open: () => "noch nicht: eine Seite oder beide müssen noch abschließen",
    C0: () => "C0, vereinbart: beide Seiten haben unterschrieben; noch hält kein Block das Ergebnis",
    C1: ({ block, miner, at }) => `C1, versiegelt: in Block ${block} von ${miner} am ${at}; noch nicht endgültig`,
    "C1 for good": ({ block, miner, at }) =>
      `C1, versiegelt: in Block ${block} von ${miner} am ${at}; in dieser Region stimmt niemand ab, ` +
      "darum wird kein Block endgültig",
    "C1 as shown": ({ block, miner, at }) =>
      `C1, versiegelt: in Block ${block} von ${miner} am ${at}; ob er endgültig ist, ist hier nicht zu sehen`,
    "C1 claimed": ({ block, miner, at, signed, voters, epoch }) =>
      `C1, versiegelt: in Block ${block} von ${miner} am ${at}; ${signed} von ${voters} Stimmen der Epoche ${epoch} ` +
      "haben ihn als endgültig unterschrieben, wenn es die hier genannten sind, was nur die Kette der Region zeigt",
    C2: ({ block, miner, at, voters }) =>
      `C2, endgültig: in Block ${block} von ${miner} am ${at}; mehr als zwei Drittel von ${voters} Stimmen haben ihn ` +
      "unterschrieben",
    "C2 alone": ({ block, miner, at }) =>
      `C2, endgültig: in Block ${block} von ${miner} am ${at}; durch die einzige Stimme der Region, also das ` +
      "Protokoll des Betreibers",
  },
  advice: {
    inconclusive:
      "Offen heißt: Die Abweichung ist zu klein für einen Einwand und, weil Zähler unsicher sind, nicht klein genug, " +
      "um Übereinstimmung zu bescheinigen. Bei einem einzelnen Ladevorgang ist das häufig und niemandes Schuld. " +
      "Abgerechnet wird wie bei Übereinstimmung, nach dem Zähler der Station.",
    notCapable:
      "Beide Zähler zusammen sind unsicherer als die vereinbarte Toleranz; kein Vergleich könnte eine " +
      "Übereinstimmung zeigen. Berechnet wird nach dem Zähler der Station.",
    tooLittle:
      "Bei so wenig Energie wiegen die Schritte der Zählwerke mehr als jede Abweichung. Berechnet wird nach dem " +
      "Zähler der Station.",
    mutual:
      "Beide hatten Verschiedenes gemessen; dann haben beide denselben Vorschlag für diesen Betrag unterschrieben.",
    ruled:
      "Beide hatten Verschiedenes gemessen; dann hat der Schlichter, den der Vertrag nennt, diesen Betrag entschieden.",
    lapsed: "Die Frist für einen Streit ist vorbei. Das Strittige wird nicht berechnet.",
    owed: (billed, contested) =>
      `Jetzt schulden Sie nur, was beide Seiten unterschrieben haben: ${billed}. ${contested} sind strittig und ` +
      "werden nicht berechnet.",
    owedNothing: (contested) => `Jetzt schulden Sie nichts. ${contested} sind strittig und werden nicht berechnet.`,
    contested: (energy) => `${energy} sind strittig und werden nicht berechnet.`,
    settle: ({ until, address }) =>
      `Bis ${until} können sich beide auf einen Betrag einigen, indem jede Seite denselben Vorschlag unterschreibt: ` +
      `tallystick dispute resolve ${address}. Zeigen Sie dem Betreiber der Station diesen Beleg.`,
    elseLapses: "Geschieht bis dahin nichts, wird das Strittige nicht berechnet.",
    elseStays: "Geschieht bis dahin nichts, bleibt es bei diesem Betrag.",
    noWayOut:
      "Der Vertrag, den beide unterschrieben haben, sieht keinen Weg vor, das nachträglich zu beenden: weder durch " +
      "Einigung noch durch einen Spruch.",
    keep: "Bewahren Sie Beleg und Belegdatei auf: zusammen enthalten sie, was beide Seiten unterschrieben haben.",
    abandoned: (silent) =>
      `${silent}. Berechnet wird, was beide bis dahin unterschrieben hatten und was der Vertrag für Schweigen sagt.`,
    abandonedFree: (silent) => `${silent}. Der Vertrag berechnet dann nichts.`,
    arbiter: (arbiter) =>
      `Der Vertrag nennt einen Schlichter, ${arbiter}: jede Seite kann in dieser Zeit um einen Spruch bitten.`,
    noArbiter: "Der Vertrag nennt keinen Schlichter.",
    revision: (number) => `Dies ist Fassung ${number} des Ergebnisses; sie ersetzt die früheren.`,
  },
  curve: {
    power: "kW",
    clock: "UTC",
    describe: ({ length, station, vehicle }) =>
      `Leistung über ${length}: der Zähler der Station zeigt bis zu ${station}, der des Fahrzeugs bis zu ${vehicle}.`,
  },
  code: {
    alt: "QR-Code mit den Unterschriften beider Seiten und des Blocks",
    caption: "Ohne Netz prüfen: Code scannen und seinen Text an „tallystick verify“ geben.",
    asText: "Der Code als Text",
    none: "Dieser Vertrag ist für einen Code zu lang. Prüfen Sie die Belegdatei mit „tallystick verify“.",
    pageNote:
      "Diese Worte sind aus unterschriebenen Daten gemacht und selbst nicht unterschrieben: das sind der Code und " +
      "die Belegdatei.",
  },
  page: (number, of) => `Seite ${number} von ${of}`,
};
