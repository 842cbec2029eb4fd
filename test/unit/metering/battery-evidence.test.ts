import { suite } from "uvu";
import * as assert from "uvu/assert";
import { takeSample } from "#core/metering/battery-energy.ts";
import {
  collectEvidence,
  energyAgain,
  EVIDENCE_INTERVAL_MS,
  EVIDENCE_REPLIES_MAX,
  EVIDENCE_SAMPLE_BYTES_MAX,
  NO_EVIDENCE,
  type ClosedInterval,
} from "#core/metering/battery-evidence.ts";
import type { BatterySample } from "#core/metering/battery-state.ts";
import { CONTRACT, counted, LIMITS, resting, sample, seconds } from "#test/builders/battery-samples.ts";

const test = suite("battery evidence");
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The closed intervals of these samples, each with the reply that `replyOf` gives for it. */
function collect(
  samples: readonly BatterySample[],
  replyOf = (each: BatterySample): readonly Uint8Array[] => [bytes(`at ${each.monotonicMs}`)],
  limits = LIMITS,
): { readonly closed: readonly ClosedInterval[]; readonly registerMilliWh: number } {
  const closed: ClosedInterval[] = [];
  let [state, collected] = [CONTRACT, NO_EVIDENCE];
  for (const each of samples) {
    const next = takeSample(state, each, limits);
    const evidence = { rawReplies: replyOf(each), wallMs: 1_000_000 + each.monotonicMs };
    const step = collectEvidence(collected, [state, next], evidence, null);
    [state, collected] = [next, step.evidence];
    if (step.closed !== null) closed.push(step.closed);
  }
  return { closed, registerMilliWh: state.registerMilliWh };
}

test("a car that is measured at its inlet alone gives evidence, too", () => {
  const atInlet = { ...LIMITS, countedInlet: "apparent" } as const;
  const blind = { batteryVoltageV: null, batteryCurrentA: null } as const;
  const inlet = { powerW: 7_200, kind: "apparent" } as const;
  const samples = [
    ...seconds(0, 700).map((second) => sample(second, { ...blind, inlet })),
    ...seconds(701, 770).map((second) => resting(second, blind)),
  ];
  const { closed, registerMilliWh } = collect(samples, undefined, atInlet);
  assert.equal(
    closed.map(({ durationMs }) => durationMs),
    [EVIDENCE_INTERVAL_MS, EVIDENCE_INTERVAL_MS, 161_000],
  );
  const sum = closed.reduce((total, { estimates }) => total + (estimates.at(-1)?.energyMilliWh ?? 0), 0);
  assert.is(sum, registerMilliWh);
  assert.ok(Math.abs(registerMilliWh - 1_401_000) < 10, `${registerMilliWh}`);
  const [first] = closed;
  const again = energyAgain(
    (first?.replies ?? []).map(({ atMs }) => sample(atMs / 1000, { ...blind, inlet })),
    11_000,
    atInlet,
  );
  assert.is(again.registerMilliWh, first?.estimates.at(-1)?.energyMilliWh);
});

const ending = (from: number): readonly BatterySample[] => seconds(from, from + 61).map((second) => resting(second));

test("five minutes make an interval, the end of the charge the last; together they are the charge", () => {
  const { closed, registerMilliWh } = collect([...seconds(0, 700).map((second) => sample(second)), ...ending(701)]);
  assert.equal(
    closed.map(({ durationMs }) => durationMs),
    [EVIDENCE_INTERVAL_MS, EVIDENCE_INTERVAL_MS, 161_000],
  );
  const sum = closed.reduce((total, { estimates }) => total + (estimates[0]?.energyMilliWh ?? 0), 0);
  assert.is(sum, registerMilliWh);
});

test("first and last reply are kept, and one at least each 30 s between them", () => {
  const { closed } = collect(seconds(77, 378).map((second) => sample(second)));
  const times = closed[0]?.replies.map(({ atMs }) => atMs) ?? [];
  assert.equal([times[0], times.at(-1)], [0, EVIDENCE_INTERVAL_MS]);
  assert.ok(times.every((atMs, index) => index === 0 || atMs - (times[index - 1] ?? 0) < 30_000));
  assert.ok(times.length <= EVIDENCE_REPLIES_MAX);
  assert.is(closed[0]?.samples, 301);
});

test("both ends of a gap and of a pause are kept", () => {
  const { closed } = collect([
    ...seconds(0, 40).map((second) => counted(second, 900)),
    ...seconds(100, 131).map((second) => counted(second, 1_000)),
    ...seconds(132, 150).map((second) => resting(second)),
    ...seconds(151, 320).map((second) => counted(second, 1_000)),
  ]);
  const times = closed[0]?.replies.map(({ atMs }) => atMs / 1000) ?? [];
  for (const edge of [40, 100, 131, 132, 150, 151]) assert.ok(times.includes(edge), `${edge} of ${times.join()}`);
});

test("a car that switches on and off without end fills no more than the limit", () => {
  const { closed } = collect(seconds(0, 2_000).map((second) => (second % 8 < 4 ? sample(second) : resting(second))));
  assert.ok(closed.length > 3);
  for (const { replies } of closed) {
    assert.ok(replies.length <= EVIDENCE_REPLIES_MAX);
    const times = replies.map(({ atMs }) => atMs);
    assert.ok(times.every((atMs, index) => index === 0 || atMs - (times[index - 1] ?? 0) < 30_000));
  }
});

test("what comes to nothing leaves no evidence", () => {
  assert.is(collect([resting(0), sample(1), ...ending(2)]).closed.length, 0);
});

test("replies beyond the limit are left out, the first ones of a sample last", () => {
  const large = [bytes("first"), new Uint8Array(EVIDENCE_SAMPLE_BYTES_MAX), bytes("last")];
  const { closed } = collect(
    seconds(0, 301).map((second) => sample(second)),
    () => large,
  );
  assert.equal(closed[0]?.replies[0]?.replies, [bytes("first")]);
});

test("an identification number is in no evidence, whatever service gave it", () => {
  const power = bytes("7EC103E620101EFFBE7\r7EC2149025A9062F190\r\r");
  const identities = [
    "7E8 10 14 49 02 01 57 30 4C\r7E8 21 30 30 30 30 34 33 4D\r\r",
    "7E8101462F1904B4D4843\r\r",
    "18DAF110 10 14 62 F1 90 56 46 31\r\r",
    "607F1101262F190575A5A\r\r",
    "014\r0: 4902015A5A5A\r\r",
    "10115A905A5A5A5A\r\r".replace(/^/, "7E8"),
  ].map(bytes);
  const { closed } = collect(
    seconds(0, 301).map((second) => sample(second)),
    () => [power, ...identities],
  );
  for (const { replies } of closed[0]?.replies ?? []) assert.equal(replies, [power]);
  assert.ok((closed[0]?.replies.length ?? 0) > 10);
});

test.run();
