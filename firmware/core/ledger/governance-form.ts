/** What the governors have decided, as the state writes it. */
import { checkpoint } from "#core/finality/checkpoint.ts";
import {
  PARAMS_IDS_MAX,
  PENDING_PARAMS_MAX,
  RECONFIGS_KEPT,
  SET_ASIDE_MAX,
  type Governance,
} from "#core/governance/governance.ts";
import { HASH_BYTES } from "#core/identity/cryptography.ts";
import { COMMITTEE_SEATS_MAX } from "#core/limits.ts";
import { bytes, field, integer, list, optional, record, unsigned, type Shape } from "#core/wire/schema.ts";
import { did } from "./did-shape.ts";
import { ruleChanges } from "./rules.ts";

const hash = bytes(HASH_BYTES);
const committee = list(did, COMMITTEE_SEATS_MAX);

const pendingParams = record({
  id: field(1, hash),
  activeFromEpoch: field(2, unsigned),
  changes: field(3, ruleChanges),
  codeVersion: optional(4, unsigned),
});

const reconfigured = record({
  id: field(1, hash),
  checkpoint: field(2, checkpoint),
  serial: field(3, unsigned),
  epoch: field(4, unsigned),
  committee: field(5, committee),
  rear: field(6, committee),
  former: field(7, committee),
});

const written = record({
  number: field(1, unsigned),
  paramsIds: field(2, list(hash, PARAMS_IDS_MAX)),
  changes: field(3, ruleChanges),
  codeVersion: field(4, integer(1, 0xffff)),
  pending: field(5, list(pendingParams, PENDING_PARAMS_MAX)),
  reconfigs: field(6, list(reconfigured, RECONFIGS_KEPT)),
  setAside: field(7, list(record({ did: field(1, did), slot: field(2, unsigned) }), SET_ASIDE_MAX)),
});

export const governanceShape: Shape<Governance> = {
  write: ({ pending, ...governance }) =>
    written.write({
      ...governance,
      pending: pending.map(({ codeVersion, ...params }) => ({
        ...params,
        ...(codeVersion === undefined ? {} : { codeVersion }),
      })),
    }),
  read: (item) => {
    const { pending, ...governance } = written.read(item);
    return {
      ...governance,
      pending: pending.map(({ codeVersion, ...params }) => ({ ...params, codeVersion })),
    };
  },
};
