/** What whoever has just set up a gateway does next. */
import { toHex } from "#base/bytes.ts";
import type { GatewayConfig } from "#config/gateway-config.ts";
import { GENESIS_NAME } from "../config-text.ts";
import { CERTIFICATE_NAME, REQUEST_NAME } from "../ca/tally-file.ts";
import type { CertificateState } from "./exchange-papers.ts";
import type { Device } from "./make-device.ts";

export function nextSteps(
  config: GatewayConfig,
  { did, isFounder }: Device,
  certificate: CertificateState | undefined,
): readonly string[] {
  const usual = STEPS[config.role]({ did: toHex(did), isFounder, hasLamps: config.board !== undefined });
  return certificate === "missing" ? [...ENROL, ...usual] : usual;
}

const ENROL = [
  `This region asks for certificates: give ${REQUEST_NAME} from this card to its office (tallystick ca issue).`,
  `Put the ${CERTIFICATE_NAME} that comes back onto this card, and start the gateway once more.`,
];

interface Situation {
  readonly did: string;
  readonly isFounder: boolean;
  readonly hasLamps: boolean;
}

const LAMP = "Look at the status lamp: a flash each second while it starts, then lit with a short gap every 4 seconds.";
const NO_LAMP = "No lamps are set up: [board] in tallystick.toml names the board, and they tell what it is doing.";

const STEPS: Readonly<Record<GatewayConfig["role"], (situation: Situation) => readonly string[]>> = {
  charger: ({ isFounder, hasLamps }) => [
    hasLamps ? LAMP : NO_LAMP,
    "Check that the meter and the price above are right: what is charged is signed with them.",
    ...(isFounder
      ? [`For each vehicle, and each further charger: copy ${GENESIS_NAME} from this card onto its card.`]
      : []),
  ],
  vehicle: ({ hasLamps }) => [
    hasLamps ? LAMP : NO_LAMP,
    "Plug the car in at a charger of its region: where one offers, the gateway agrees and measures.",
  ],
  arbiter: ({ did }) => [
    `At each charger: [tariff] arbiter = "${did}"`,
    "At each vehicle: the same id among [vehicle] arbiters.",
  ],
};
