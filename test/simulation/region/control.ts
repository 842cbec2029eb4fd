/**
 * The control of the safety invariants (protocol 4.1): a committee with more liars than it bears must come to two
 * conflicting final blocks, or the liars attack nothing. The liars stand on both sides of a cut and hand every possible
 * vote to every gateway. What is promised beyond the bound is that they are found out (B06): when the halves meet, the
 * evidence names more of them than a committee bears, and nobody else. The same liars within the bound do no harm.
 */
import { toHex } from "#base/bytes.ts";
import { faultsBorne } from "#core/finality/finality-state.ts";
import { finalAgreement } from "./invariants/finality.ts";
import type { Lie } from "./lies.ts";
import { playRegion } from "./play-region.ts";
import { drawPlan, type PlanWishes } from "./region-plan.ts";
import { RegionWorld } from "./region-world.ts";

/** Four stations at two sites: all of them vote, and of four one may lie. */
const WISHES = { nodes: 6, hours: 1, groups: ["outage", "roaming"], allOn: true } as const satisfies PlanWishes;
/** One at each site, so that an honest voter is left on both sides of the cut. */
const LIARS = ["station-1", "station-2"] as const;
const STEP_MS = 30_000;
/** From the end of the cut until what was said on one side has come to the other, and stands in blocks. */
const MEETING_MS = 15 * 60_000;

/** Those who hand out every vote convict themselves on each side; of the others each side alone sees nothing wrong. */
export const VOTING_LIES = ["votes everywhere", "votes on each side"] as const satisfies readonly Lie[];
export type VotingLie = (typeof VOTING_LIES)[number];

export interface ControlOutcome {
  /** Of two conflicting final blocks; undefined when there were none. */
  readonly conflict: string | undefined;
  /** How many of the committee may lie. */
  readonly borne: number;
  /** Named by votes that contradict each other (E2), in the chain of some honest gateway. */
  readonly named: readonly string[];
  readonly isRight: boolean;
}

/** More liars than the committee bears, until they have succeeded or the faults end. */
export async function playControl(seed: number, lie: VotingLie): Promise<ControlOutcome> {
  const liars = new Map(LIARS.map((name) => [name, lie] as const));
  const world = new RegionWorld(drawPlan(seed, { ...WISHES, liars }), "simulated");
  let conflict: string | undefined;
  const agreement = finalAgreement(world);
  world.watcher = {
    onSaid: () => undefined,
    onEvent: () => undefined,
    onHead: (node, change) =>
      agreement.onHead?.(node, change, (detail) => {
        conflict ??= detail;
      }),
  };
  world.begin();
  while (conflict === undefined && world.nowMs < world.calmFromMs) await world.clock.runFor(STEP_MS);
  world.endFaults();
  await world.clock.runFor(MEETING_MS);
  const committee = world.honest[0]?.running?.ledger.chain.genesis.body.authorities ?? [];
  const borne = faultsBorne(committee.length);
  const named = namedByVotes(world);
  for (const node of world.allNodes) node.stop();
  const isJust = named.every((name) => world.plan.liars.has(name));
  return { conflict, borne, named, isRight: isJust && (conflict === undefined || named.length > borne) };
}

/** As many liars as the committee bears: what any invariant has found; undefined when all were kept. */
export async function playWithinBound(seed: number, lie: VotingLie): Promise<string | undefined> {
  const { violation } = await playRegion(seed, { ...WISHES, liars: new Map([[LIARS[0], lie]]) });
  return violation === undefined ? undefined : `${violation.invariant}: ${violation.detail}`;
}

const VOTES_KIND = 2;

function namedByVotes(world: RegionWorld): readonly string[] {
  const isNamed = (did: string): boolean =>
    world.honest.some(({ running }) =>
      running?.ledger.chain.pending.misconduct.get(did)?.shown.some(({ kind }) => kind === VOTES_KIND),
    );
  return world.nodes.filter(({ identity }) => isNamed(toHex(identity.did))).map(({ name }) => name);
}

/** Prints each seed; the process' exit code. */
export async function runControl(first: number, count: number): Promise<0 | 1> {
  let conflicts = 0;
  let wrong = 0;
  for (let seed = first; seed < first + count; seed += 1) {
    for (const lie of VOTING_LIES) {
      const { conflict, named, isRight } = await playControl(seed, lie);
      const within = await playWithinBound(seed, lie);
      if (conflict !== undefined) conflicts += 1;
      if (!isRight || within !== undefined) wrong += 1;
      console.log(`seed ${seed}, "${lie}", ${LIARS.length} of four voters: ${conflict ?? "no conflict"}`);
      console.log(`  named by evidence: ${named.join(", ") || "nobody"}, ${isRight ? "as it must be" : "WRONG"}`);
      console.log(`  one of four voters: ${within ?? "every invariant was kept"}`);
    }
  }
  console.log(`beyond the bound ${conflicts} of ${2 * count} runs with conflicting final blocks; ${wrong} went wrong`);
  return conflicts > 0 && wrong === 0 ? 0 : 1;
}
