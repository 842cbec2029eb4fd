/** What can be wrong between a card and the device that it lies in, and what can be done about it. */
import { toHex } from "#base/bytes.ts";
import type { KeyFileError } from "#adapters/keys/key-file.ts";
import type { Genesis } from "#core/ledger/genesis.ts";
import { GENESIS_NAME } from "../config-text.ts";
import type { GatewayRole } from "../init.ts";
import type { CardFault } from "./card-fault.ts";

const FRESH =
  "To make another gateway of this board, write the image onto a fresh card; " +
  "keep this one as long as its charges matter";

export const deviceFaults = {
  otherRole: (found: GatewayRole, role: GatewayRole): CardFault => ({
    ...{ path: "role", found: `"${found}"`, expected: `"${role}", as which this gateway was made` },
    advice: `A gateway keeps its keys and its history, and they are those of a ${role}. ${FRESH}`,
    example: `role = "${role}"`,
  }),

  otherKeys: (recorded: string, found: string): CardFault => ({
    ...{ path: "gateway.key", found: `the keys of device ${found}`, expected: `those of device ${recorded}` },
    advice: "Somebody has exchanged the key file. Bring back the right one from the backup",
  }),

  keysGone: (path: string): CardFault => ({
    ...{ path: "gateway.key", found: `no ${path}`, expected: "the keys of this gateway, which has a history" },
    advice:
      "Bring the file back from the backup. Without it this gateway is lost: where there is an office, have it " +
      `revoked. ${FRESH}`,
  }),

  keysUnreadable: (path: string, { code }: KeyFileError): CardFault => ({
    ...{ path: "gateway.key", found: `${path}: ${code}`, expected: "the keys of this gateway" },
    advice:
      code === "KEY_FILE_OPEN_TO_OTHERS"
        ? `Others may read the keys; on the gateway run: chmod 600 ${path}`
        : "Bring the file back from the backup; the storage may be worn out",
  }),

  genesisMissing: (role: GatewayRole): CardFault => ({
    ...{ path: GENESIS_NAME, found: "no such file on the card", expected: "the region that this gateway joins" },
    advice:
      `Copy ${GENESIS_NAME} from the card of the region's first charger onto this card, beside tallystick.toml. ` +
      `${role === "vehicle" ? "A vehicle" : "An arbiter"} has no region of its own; ` +
      "a charger puts the file onto its card at its first start",
  }),

  genesisGone: (): CardFault => ({
    ...{ path: GENESIS_NAME, found: "none, or that of another region", expected: "the region of this gateway" },
    advice: `Copy ${GENESIS_NAME} of its region onto the card: every gateway of the region has the same file`,
  }),

  otherRegion: (card: Genesis, own: Genesis): CardFault => ({
    ...{ path: GENESIS_NAME, found: `the region ${named(card)}`, expected: `${named(own)}, which this gateway is in` },
    advice: `Delete ${GENESIS_NAME} from the card, or put back the right one. ${FRESH}`,
  }),

  regionKey: (key: "name" | "profile", found: string, own: string): CardFault => ({
    ...{ path: `region.${key}`, found: JSON.stringify(found), expected: `${JSON.stringify(own)}, or no such line` },
    advice: `The region is there already, and its ${key} is signed by all. Delete the line`,
  }),
} as const;

function named({ body, network }: Genesis): string {
  return `${JSON.stringify(body.name)} (${toHex(network)})`;
}
