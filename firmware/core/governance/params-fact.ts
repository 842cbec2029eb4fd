/**
 * PARAMS: governors change rules of a region, or say by which version of the code its blocks are judged, from an epoch
 * on that leaves everybody the time to hear of it.
 *
 *     PARAMS { 1: network, 2: number, 3: active from epoch, 4: rules, ? 5: code version }
 */
import { bytes, field, integer, optional, record, unsigned, where, type ValueOf } from "#core/wire/schema.ts";
import { ruleChanges } from "#core/ledger/rules.ts";
import { NETWORK_BYTES } from "#core/wire/signed.ts";

/** Epochs from the one in which it is sealed to the one in which it comes into force, at least. */
export const EPOCHS_AHEAD_MIN = 2;

export const paramsBody = where(
  record({
    network: field(1, bytes(NETWORK_BYTES)),
    /** 1 for the first of a region; each is the next. */
    number: field(2, integer(1, Number.MAX_SAFE_INTEGER)),
    activeFromEpoch: field(3, unsigned),
    /** What is not named stays as it is. */
    rules: field(4, ruleChanges),
    /** The version of the code that blocks are sealed and judged by from then on. */
    codeVersion: optional(5, integer(1, 0xffff)),
  }),
  ({ rules, codeVersion }) => codeVersion !== undefined || Object.keys(rules).length > 0,
  "a rule or a code version that changes",
);
export type ParamsBody = ValueOf<typeof paramsBody>;
