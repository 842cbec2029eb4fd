/**
 * RECONFIG: governors name voters in the place of a committee whose quorum is gone for good. It stands on the last
 * final checkpoint and takes nothing back.
 *
 *     RECONFIG { 1: network, 2: final checkpoint [serial, id], 3: [device id of each voter…] }
 */
import { toHex } from "#base/bytes.ts";
import { checkpoint } from "#core/finality/checkpoint.ts";
import { DEVICE_ID_BYTES } from "#core/identity/device-id.ts";
import { COMMITTEE_SEATS_MAX } from "#core/limits.ts";
import { bytes, field, list, record, where, type ValueOf } from "#core/wire/schema.ts";
import { NETWORK_BYTES } from "#core/wire/signed.ts";

export const reconfigBody = where(
  record({
    network: field(1, bytes(NETWORK_BYTES)),
    /** The last checkpoint that is final. */
    checkpoint: field(2, checkpoint),
    /** The whole next committee, in the order of its seats: who of the present one is not named is struck. */
    committee: field(3, list(bytes(DEVICE_ID_BYTES), COMMITTEE_SEATS_MAX, 1)),
  }),
  ({ committee }) => new Set(committee.map(toHex)).size === committee.length,
  "different members",
);
export type ReconfigBody = ValueOf<typeof reconfigBody>;
