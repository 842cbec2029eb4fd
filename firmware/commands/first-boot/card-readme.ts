/** README.txt of a card: all that somebody needs who has the card in a computer, and nothing else. */
import { vehicleProfiles } from "#hal/vehicles/registry.ts";
import { allMeterModelNames } from "../../load-meter-model.ts";
import { chargePointDriverNames } from "../../compose-charge-point.ts";
import { BOARDS } from "#boards/index.ts";
import { CARD_NAME, REPORT_NAME } from "./card-fault.ts";
import { GENESIS_NAME } from "../config-text.ts";
import type { CardRole } from "./card-text.ts";

export function cardReadme(role: CardRole): string {
  return [TITLE[role], "", ...START[role], "", ...COMMON, "", ...NAMES[role](), ""].join("\n");
}

const TITLE = { charger: "TALLYSTICK: the gateway of a charger", vehicle: "TALLYSTICK: the gateway of a vehicle" };

const START: Readonly<Record<CardRole, readonly string[]>> = {
  charger: [
    `1. Open ${CARD_NAME} in a plain text editor (Editor, Notepad, TextEdit, nano). Change the meter, the charge`,
    "   point, the limits and the price. Save under the same name.",
    "2. Let the computer release the card, put it into the board, connect meter, charge point and network, and",
    "   switch on. No mains wire comes to the board: what is behind the contactor is an electrician's work.",
    `3. When the status lamp is lit, or after five minutes, look at ${REPORT_NAME} on the card. It says that all is`,
    "   in order and who this gateway is, or which line has to be changed to what.",
    `4. The first charger of a region writes ${GENESIS_NAME} onto its card. Every other gateway of the region`,
    "   gets a copy of this file onto its own card, before its first start.",
  ],
  vehicle: [
    `1. Copy ${GENESIS_NAME} from the card of the region's first charger onto this card.`,
    `2. Open ${CARD_NAME} in a plain text editor (Editor, Notepad, TextEdit, nano). Change the broker's address`,
    "   (the charger's), the OBD adapter, and the most that this car may pay. Save under the same name.",
    "3. Let the computer release the card, put it into the board, plug the adapter into the car's diagnostic",
    "   socket, and switch on.",
    `4. When the status lamp is lit, or after five minutes, look at ${REPORT_NAME} on the card. It says that all is`,
    "   in order and who this gateway is, or which line has to be changed to what.",
  ],
};

const COMMON: readonly string[] = [
  `${CARD_NAME} is read at each start and may be changed at any time. What is not in it is as usual.`,
  "The keys of the gateway and what it has recorded are not in this part of the card, and do not change by it.",
  "",
  "Files that may lie on the card:",
  `  ${CARD_NAME}     what you change`,
  `  ${GENESIS_NAME}       the region; the same in all its gateways`,
  `  ${REPORT_NAME}          written by the gateway: in order, or what to change`,
  "  and what the configuration names: a tariff (file), a table of a meter (model_file), a profile of a car",
  "  (profile_file), a contract (contract_file, contracts), passwords and keys (password_file, key_file).",
  "",
  "[network] is for a fixed address, another host name, time servers, or a Wi-Fi with a password (WPA2, or WPA2",
  "and WPA3 mixed; not WPA3 alone). A cable with DHCP needs nothing.",
  "",
  "The password of a Wi-Fi stands readable in this file: whoever has the card can read it.",
];

const NAMES: Readonly<Record<CardRole, () => readonly string[]>> = {
  charger: () => [
    ...list("[meter] model", allMeterModelNames()),
    ...list("[charge_point] driver", chargePointDriverNames()),
    ...boards(),
  ],
  vehicle: () => [...list("[vehicle] profile", ["auto", ...vehicleProfiles.map(({ name }) => name)]), ...boards()],
};

function boards(): readonly string[] {
  return list(
    "[board] name",
    BOARDS.map(({ name }) => name).filter((name) => name !== "bench"),
  );
}

function list(title: string, names: readonly string[]): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const name of names) {
    const next = line === "" ? name : `${line}, ${name}`;
    if (next.length > LINE_MAX) lines.push(`${line},`);
    line = next.length > LINE_MAX ? name : next;
  }
  return [`${title} is one of:`, ...[...lines, line].map((each) => `  ${each}`), ""];
}

const LINE_MAX = 100;
