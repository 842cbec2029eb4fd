/**
 * Plays one region from one seed: the hours of its faults, then a calm in which everything must come right, with the
 * invariants looked at after each event.
 */
import { allInvariants } from "./invariants/index.ts";
import type { Invariant, Report, Violation } from "./invariants/invariant.ts";
import { failedNode } from "./region-node.ts";
import { drawPlan, type PlanWishes, type RegionPlan } from "./region-plan.ts";
import { RegionWorld } from "./region-world.ts";
import { RestartWaits } from "./restart-waits.ts";
import type { CryptoKind } from "./simulated-cryptography.ts";

const MINUTE_MS = 60_000;
const OFTEN_MS = 10_000;
const RARELY_MS = 3_600_000;
/** After the faults: everybody comes back and catches up; then a charge at each free outlet; then its settlement. */
const BACK_MS = 15 * MINUTE_MS;
const CHARGE_MS = 12 * MINUTE_MS;
const SETTLE_MS = 28 * MINUTE_MS;
const LAST_CHARGE_KWH = 1;

export interface RegionOutcome {
  readonly plan: RegionPlan;
  readonly world: RegionWorld;
  readonly violation: Violation | undefined;
  readonly simulatedMs: number;
  /** Charges that had a result in the end. */
  readonly results: number;
}

export interface PlayWishes extends PlanWishes {
  readonly crypto?: CryptoKind;
}

export async function playRegion(seed: number, wishes: PlayWishes): Promise<RegionOutcome> {
  const plan = drawPlan(seed, wishes);
  const world = new RegionWorld(plan, wishes.crypto ?? "simulated");
  const watch = new Watch(world);
  try {
    await watch.play();
  } catch (error) {
    if (!(error instanceof RunEnded)) watch.note(error);
  }
  const results = resultsIn(world);
  watch.stop();
  return { plan, world, violation: watch.violation, simulatedMs: world.nowMs, results };
}

function resultsIn(world: RegionWorld): number {
  const counts = world.nodes.map(({ running }) => {
    const transactions = running?.ledger.chain.head.state.transactions.entries().values() ?? [];
    return [...transactions].filter(({ result }) => result !== undefined).length;
  });
  return Math.max(0, ...counts);
}

/** Ends a run in which something was found. */
class RunEnded extends Error {}

class Watch {
  violation: Violation | undefined;
  readonly #world: RegionWorld;
  readonly #invariants: readonly Invariant[];
  readonly #waits = new RestartWaits();
  readonly #takeRejection = (reason: unknown): void => {
    this.#onRejection(reason);
  };

  constructor(world: RegionWorld) {
    this.#world = world;
    this.#invariants = allInvariants(world);
    const on = (hook: keyof Invariant): readonly Invariant[] =>
      this.#invariants.filter((each) => each[hook] !== undefined);
    const [saying, heading, telling] = [on("onSaid"), on("onHead"), on("onEvent")];
    world.watcher = {
      onSaid: (said) => {
        for (const each of saying) each.onSaid?.(said, this.#reporter(each));
      },
      onHead: (node, change) => {
        for (const each of heading) each.onHead?.(node, change, this.#reporter(each));
      },
      onEvent: (node, name, content) => {
        for (const each of telling) each.onEvent?.(node, { name, content }, this.#reporter(each));
      },
    };
    process.on("unhandledRejection", this.#takeRejection);
  }

  stop(): void {
    process.off("unhandledRejection", this.#takeRejection);
    this.#world.watcher = undefined;
    for (const node of this.#world.allNodes) node.stop();
  }

  async play(): Promise<void> {
    const world = this.#world;
    const { clock } = world;
    this.#lookAgain("often", OFTEN_MS);
    this.#lookAgain("rarely", RARELY_MS);
    world.begin();
    await clock.runUntil(world.calmFromMs);
    world.endFaults();
    for (const { driver } of world.vehicles) driver.goHome();
    this.#look("rarely");
    await clock.runFor(BACK_MS);
    for (const { driver } of world.vehicles) driver.chargeNow(LAST_CHARGE_KWH);
    await clock.runFor(CHARGE_MS);
    for (const { driver } of world.vehicles) driver.goHome();
    await clock.runFor(SETTLE_MS);
    this.#look("rarely");
    this.#look("atEnd");
    // What was found just now ends the run at its next wake.
    await clock.runFor(1);
  }

  /** An error of the simulated gateways' own: a bug, whatever it is. */
  note(error: unknown): void {
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.violation ??= { invariant: "bug", detail };
  }

  #look(hook: "often" | "rarely" | "atEnd"): void {
    for (const each of this.#invariants) each[hook]?.(this.#reporter(each));
  }

  #lookAgain(hook: "often" | "rarely", everyMs: number): void {
    const { clock } = this.#world;
    clock.wakeAt(clock.monotonicMs() + everyMs, () => {
      this.#look(hook);
      this.#lookAgain(hook, everyMs);
    });
  }

  #reporter({ name }: Invariant): Report {
    return (detail) => {
      this.#end({ invariant: name, detail });
    };
  }

  #end(violation: Violation): void {
    if (this.violation !== undefined) return;
    const { clock } = this.#world;
    this.violation = violation;
    this.#world.tell(`BROKEN ${violation.invariant}: ${violation.detail}`);
    clock.wakeAt(clock.monotonicMs(), () => {
      throw new RunEnded();
    });
  }

  /** A board ends with a failure that nobody handles, and is started again; of any other cause it is a bug. */
  #onRejection(reason: unknown): void {
    const world = this.#world;
    if (reason instanceof RunEnded) return;
    const failed = failedNode(reason);
    if (failed === undefined) {
      const text = reason instanceof Error ? (reason.stack ?? reason.message) : String(reason);
      this.#end({ invariant: "bug", detail: text });
      return;
    }
    const { node, life } = failed;
    if (node.life !== life) return;
    world.tell(`${node.name} ends: ${String(reason)}`);
    world.crash(node, "kill", this.#waits.next(node, world.nowMs));
  }
}
