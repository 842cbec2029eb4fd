/** JOINs and OPENs that may not stand. */
import { inletTerms } from "#test/builders/charge-facts.ts";
import { fresh, joinFact, makeActor, named, withSignatures } from "#test/builders/ledger-actors.ts";
import { OPERATOR, STARTED_AT, STATION, VEHICLE } from "#test/builders/ledger-builder.ts";
import type { OpenFact } from "#core/ledger/fact.ts";
import type { OpenBody } from "#core/session/facts.ts";
import type { Terms } from "#core/contract/terms.ts";
import { region, type Refusal } from "./refusal.ts";
import { perKwh } from "#test/builders/tariffs.ts";

const { network } = region.genesis;
const STRANGER = makeActor("stranger", "vehicle");

const TABLE: readonly Refusal[] = [
  {
    claim: "a JOIN of another network",
    code: "FACT_BAD_JOIN",
    story: () => [joinFact(named("other").slice(0, 8), STRANGER)],
  },
  {
    claim: "a JOIN that somebody else signed",
    code: "FACT_BAD_JOIN",
    story: () => [withSignatures(network, joinFact(network, STRANGER), [STATION.signer])],
  },
  { claim: "a JOIN of a member", code: "FACT_KNOWN", story: () => [joinFact(network, STATION)] },
  {
    claim: "a JOIN of a member under another organisation",
    code: "FACT_KNOWN",
    story: () => [joinFact(network, { ...STATION, organisation: "elsewhere" })],
  },
  { claim: "a JOIN of an authority", code: "FACT_KNOWN", story: () => [joinFact(network, OPERATOR)] },
  { claim: "an OPEN twice", code: "FACT_KNOWN", story: ({ open }) => [open, fresh(network, open)] },
  {
    claim: "an OPEN of another network",
    code: "FACT_WRONG_NETWORK",
    story: () => [opened({ network: named("other").slice(0, 8) })],
  },
  {
    claim: "an OPEN with a vehicle that nobody knows",
    code: "FACT_REFERS_UNKNOWN",
    story: () => [region.charge({ station: STATION, vehicle: STRANGER }).open],
  },
  {
    claim: "an OPEN with a station that nobody knows",
    code: "FACT_REFERS_UNKNOWN",
    story: () => [region.charge({ station: makeActor("new", "station"), vehicle: VEHICLE }).open],
  },
  {
    claim: "an OPEN of a station as the vehicle",
    code: "FACT_WRONG_ROLE",
    story: () => [region.charge({ station: STATION, vehicle: OPERATOR }).open],
  },
  {
    claim: "an OPEN of a vehicle as the station",
    code: "FACT_WRONG_ROLE",
    story: () => [region.charge({ station: VEHICLE, vehicle: VEHICLE }).open],
  },
  {
    claim: "terms with a tariff that is resolved for no time",
    code: "FACT_BAD_TERMS",
    story: () => [withTerms({ tariff: { ...perKwh(1), resolved: [1, 1] } })],
  },
  {
    claim: "a tariff that is resolved for less than the charge may last",
    code: "FACT_BAD_TERMS",
    story: () => [withTerms({ tariff: { ...perKwh(1), resolved: [0, STARTED_AT + 60] } })],
  },
  {
    claim: "a code that is not known: it may come to stand",
    code: "FACT_REFERS_UNKNOWN",
    story: () => [withTerms({ codeHash: named("code 2") })],
  },
  {
    claim: "an end later than the longest duration",
    code: "FACT_BAD_TERMS",
    story: () => [opened({ notAfter: STARTED_AT + 60 + 7201 })],
  },
  {
    claim: "an end before the longest duration",
    code: "FACT_BAD_TERMS",
    story: () => [opened({ notAfter: STARTED_AT + 60 })],
  },
  {
    claim: "a reference to another block",
    code: "FACT_REFERENCE_NOT_HERE",
    story: () => [opened({ reference: [0, named("block")] })],
  },
  {
    claim: "a reference to the genesis with another serial",
    code: "FACT_REFERENCE_NOT_HERE",
    story: () => [opened({ reference: [1, region.genesis.id] })],
  },
  {
    claim: "an OPEN with the signatures in the other order",
    code: "FACT_BAD_SIGNATURE",
    story: ({ open }) => [withSignatures(network, open, [STATION.signer, VEHICLE.signer])],
  },
  {
    claim: "an OPEN that only the vehicle signed",
    code: "FACT_BAD_SIGNATURE",
    story: ({ open }) => [withSignatures(network, open, [VEHICLE.signer, VEHICLE.signer])],
  },
  {
    claim: "an OPEN that only the station signed",
    code: "FACT_BAD_SIGNATURE",
    story: ({ open }) => [withSignatures(network, open, [STATION.signer, STATION.signer])],
  },
];

export const REFUSED_CONTRACTS: readonly Refusal[] = TABLE;

function opened(changes: Partial<OpenBody>): OpenFact {
  return region.charge(undefined, changes).open;
}

function withTerms(changes: Partial<Terms>): OpenFact {
  return opened({ terms: inletTerms({ durationMaxSeconds: 7200, ...changes }) });
}
