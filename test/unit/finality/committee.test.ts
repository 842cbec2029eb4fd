/** Who gets a seat: by history, by certificate, and not too many of one organisation. */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { chooseCommittee, committeeHash } from "#core/finality/committee.ts";
import { faultsBorne } from "#core/finality/finality-state.ts";
import type { Capability } from "#core/identity/capability.ts";
import type { Certificate } from "#core/identity/certificate.ts";
import { decodeInception } from "#core/identity/device-id.ts";
import { makeGenesis } from "#core/ledger/genesis.ts";
import { newMember, nextLayer, stateOfGenesis, type LedgerState } from "#core/ledger/state.ts";
import { crypto, makeActor as newActor, named, sha256, type Actor } from "#test/builders/ledger-actors.ts";
import { STARTED_AT, VOTING_RULES as RULES } from "#test/builders/ledger-builder.ts";
import { CERTIFIED } from "#test/builders/membership-facts.ts";

const test = suite("committee");
/** One counterparty is enough for any history, which saves the tests thousands of them. */
const VOTING_RULES = { ...RULES, pairCap: 100 };
const actors = new Map<string, Actor>();

/** Keys take longer to make than all the rest here. */
function makeActor(name: string, role: Actor["role"], organisation: string): Actor {
  const key = `${name};${role};${organisation}`;
  const actor = actors.get(key) ?? newActor(name, role, organisation);
  actors.set(key, actor);
  return actor;
}

const AUTHORITIES = ["a1", "a2", "a3"].map((name) => makeActor(name, "station", "operator"));
const CAR = makeActor("car of the operator", "vehicle", "operator");
const VOTING: readonly Capability[] = ["charge", "seal", "vote"];
/** Of all who have been given a seat in some state, by did in hex. */
const nameOf = new Map(AUTHORITIES.map(({ did, name }) => [toHex(did), name]));

interface Candidate {
  readonly name: string;
  readonly role?: "station" | "vehicle" | "arbiter";
  readonly organisation?: string;
  readonly history?: number;
  readonly capabilities?: readonly Capability[];
  readonly notAfter?: number;
}

function stateWith(candidates: readonly Candidate[], rules = VOTING_RULES, authorities = AUTHORITIES): LedgerState {
  const genesis = makeGenesis(crypto, {
    ...{ version: 2, name: "committees", startedAt: STARTED_AT, rules, membership: CERTIFIED },
    authorities: authorities.map(({ inception, organisation }) => [inception, organisation] as const),
  });
  const state = nextLayer(stateOfGenesis(crypto, genesis));
  for (const candidate of candidates) seat(state, candidate);
  return state;
}

function seat(state: LedgerState, candidate: Candidate): void {
  const { name, role = "station", organisation = name, history = 1, capabilities = VOTING } = candidate;
  const { inception: inceptionBytes, did: deviceId } = makeActor(name, role, organisation);
  const inception = decodeInception(inceptionBytes);
  if (!inception.ok) throw new Error("bug of the test: no inception");
  const period = { notBefore: STARTED_AT, notAfter: candidate.notAfter ?? STARTED_AT + 1000 };
  const certificate = { id: named(name), deviceId, inception: inception.value, inceptionBytes, role, organisation };
  const member = newMember({ deviceId, inception: inception.value, organisation });
  const certificates = capabilities.length === 0 ? [] : [{ ...certificate, ...period, capabilities }];
  const did = toHex(deviceId);
  nameOf.set(did, name);
  state.members.set(did, { ...member, certificates });
  const other = toHex(named("somebody"));
  state.counterparties.set(did, [other]);
  const recent = Array.from({ length: history }, () => STARTED_AT);
  state.pairs.set(`${did}:${other}`, { settled: history, recent });
}

function didOf(name: string, role: Candidate["role"] = "station"): string {
  return toHex(makeActor(name, role, name).did);
}

function chosen(candidates: readonly Candidate[], rules = VOTING_RULES): readonly string[] {
  return chooseCommittee(sha256, stateWith(candidates, rules)).map((did) => nameOf.get(did) ?? did);
}

const people = (count: number, organisation?: string): readonly Candidate[] =>
  Array.from({ length: count }, (_, index) => ({
    name: `${organisation ?? "s"}${index}`,
    history: 20 - index,
    ...(organisation === undefined ? {} : { organisation }),
  }));

test("the longest histories have the first seats, and there are no more than the rules say", () => {
  assert.equal(chosen(people(6)), ["s0", "s1", "s2", "s3", "s4", "s5"]);
  assert.equal(chosen(people(20), { ...VOTING_RULES, committeeMax: 7 }).length, 7);
});

test("vehicles, arbiters, and whoever lacks the right, its certificate or a history get none", () => {
  const without: readonly Candidate[] = [
    { name: "a car", role: "vehicle", capabilities: ["charge", "seal"], history: 50 },
    { name: "a judge", role: "arbiter", capabilities: ["arbiter"], history: 50 },
    { name: "no right", capabilities: ["charge", "seal"], history: 50 },
    { name: "uncertified", capabilities: [], history: 50 },
    { name: "expired", notAfter: STARTED_AT - 1, history: 50 },
    { name: "no history", history: 0 },
  ];
  assert.equal(chosen([...without, ...people(4)]), ["s0", "s1", "s2", "s3"]);
});

test("who is revoked gets none, an authority of the genesis neither", () => {
  const state = stateWith(people(5));
  for (const did of [didOf("s1"), didOf("a1")]) state.revokedFrom.set(did, STARTED_AT);
  const committee = chooseCommittee(sha256, state);
  assert.equal(
    committee.map((did) => nameOf.get(did)),
    ["s0", "s2", "s3", "s4"],
  );
  const few = stateWith(people(1));
  few.revokedFrom.set(didOf("a1"), STARTED_AT);
  assert.not.ok(chooseCommittee(sha256, few).includes(didOf("a1")));
});

test("an authority that evidence has struck fills no seat", () => {
  const state = stateWith(people(1));
  state.misconduct.set(didOf("a1"), { shown: [], contradictions: [], struckAt: STARTED_AT });
  assert.not.ok(chooseCommittee(sha256, state).includes(didOf("a1")));
});

test("one good certificate with the right is enough, whatever others say; a right of yesterday beside it is none", () => {
  const state = stateWith(people(4));
  const certify = (name: string, ...changes: readonly Partial<Certificate>[]): void => {
    const member = state.members.get(didOf(name));
    const [certificate] = member?.certificates ?? [];
    assert.ok(member && certificate);
    const certificates = changes.map((change) => ({ ...certificate, ...change }));
    state.members.set(didOf(name), { ...member, certificates });
  };
  const expired = { notAfter: STARTED_AT - 1 };
  certify("s0", expired, {});
  certify("s1", expired, { capabilities: ["charge", "seal"] });
  const committee = chooseCommittee(sha256, state).map((did) => nameOf.get(did));
  assert.equal(committee.slice(0, 3), ["s0", "s2", "s3"]);
  assert.not.ok(committee.includes("s1"));
});

test("fewer than four are filled up by authorities of the genesis, which need no history and no certificate", () => {
  assert.equal(chosen(people(1))[0], "s0");
  assert.equal([...chosen(people(1)).slice(1)].sort(), ["a1", "a2", "a3"]);
  assert.is(chosen(people(3)).length, 4);
  assert.equal([...chosen([])].sort(), ["a1", "a2", "a3"]);
  assert.is(chosen(people(1), { ...VOTING_RULES, committeeMax: 2 }).length, 2);
});

test("nobody else fills a seat, and an authority that has one by its history does not get a second", () => {
  const newcomers = Array.from({ length: 8 }, (_, index) => ({ name: `new${index}`, history: 0 }));
  assert.equal([...chosen([...people(1), ...newcomers])].sort(), ["a1", "a2", "a3", "s0"]);
  const seated = chosen([{ name: "a1", organisation: "operator" }]);
  assert.equal([seated[0], [...seated].sort()], ["a1", ["a1", "a2", "a3"]]);
});

test("where only a vehicle stands in the genesis, nobody votes", () => {
  assert.equal(chooseCommittee(sha256, stateWith([], VOTING_RULES, [CAR])), []);
});

test("no organisation of four or more has more seats than may lie without harm", () => {
  const crowd = [...people(12, "big"), ...people(1, "x"), ...people(1, "y"), ...people(1, "z")];
  assert.equal([...chosen(crowd)].sort(), ["big0", "x0", "y0", "z0"], "not seven, of which four are one's");
  assert.is(chosen(crowd, { ...VOTING_RULES, seatsPerOrganisation: false }).length, 13);
  assert.is(chosen([...people(12, "big"), ...people(1, "x"), ...people(1, "y")]).length, 13, "three are not enough");
});

test("of four organisations each has one seat, whoever has the longer histories; where there are two seats, two have", () => {
  const late = ["x", "y", "z"].map((name, index) => ({ name, organisation: name, history: 3 - index }));
  const crowd = [...people(12, "big"), ...late];
  assert.equal(chosen(crowd), ["big0", "x", "y", "z"]);
  assert.equal(chosen(crowd, { ...VOTING_RULES, committeeMax: 2 }), ["big0", "x"]);
});

test("the largest committee is found from wherever the search begins: five of five organisations", () => {
  const crowd = [...people(12, "big"), ...["w", "x", "y", "z"].flatMap((name) => people(1, name))];
  for (const committeeMax of [12, 13]) assert.is(chosen(crowd, { ...VOTING_RULES, committeeMax }).length, 5);
});

test("whatever members there are: seats and organisations are bounded, and a larger committee would break that", () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 7 });
  fc.assert(
    fc.property(sizes, fc.integer({ min: 4, max: 31 }), (counts, committeeMax) => {
      const candidates = counts.flatMap((count, place) => people(count, `org${place}-`));
      const committee = chosen(candidates, { ...VOTING_RULES, committeeMax });
      assert.is(new Set(committee).size, committee.length);
      assert.ok(committee.length <= committeeMax);
      if (counts.length < 4) return true;
      assert.ok(committee.length >= 4);
      const most = (size: number): number => Math.max(1, faultsBorne(size));
      for (const [place] of counts.entries()) {
        const own = committee.filter((name) => name.startsWith(`org${place}-`)).length;
        assert.ok(own <= most(committee.length));
      }
      const size = committee.length + 1;
      const reach = counts.reduce((sum, count) => sum + Math.min(count, most(size)), 0);
      return size > committeeMax || reach < size;
    }),
    { numRuns: 25 },
  );
});

test("the order in which members joined makes no difference", () => {
  const candidates = Array.from({ length: 9 }, (_, index) => ({ name: `s${index}`, history: 1 + (index % 3) }));
  const expected = chosen(candidates);
  fc.assert(
    fc.property(fc.shuffledSubarray(candidates, { minLength: 9, maxLength: 9 }), (order) => {
      assert.equal(chosen(order), expected);
    }),
    { numRuns: 20 },
  );
});

test("the header names a committee by its members in their order", () => {
  const [one, two] = [didOf("s0"), didOf("s1")];
  assert.not.equal(committeeHash(sha256, [one, two]), committeeHash(sha256, [two, one]));
  assert.is(toHex(committeeHash(sha256, [])), toHex(sha256(Uint8Array.of(0x80))));
});

test.run();
