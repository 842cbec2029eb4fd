/**
 * What must come about. L1: a car that is plugged in gets its contract. L2: what is taken in comes into a block.
 * L3: new blocks become final, and all heads are equal. L4: every contract comes to its end. L6: also at a site that is
 * cut off. L7: no side stops the power of an honest one over a line that is fair.
 */
import { toHex } from "#base/bytes.ts";
import { REPORT_FLAG } from "#core/session/facts.ts";
import { hasContract, type Attempt } from "../driver.ts";
import type { FaultGroup } from "../fault-groups.ts";
import type { RegionNode } from "../region-node.ts";
import type { RegionWorld } from "../region-world.ts";
import type { Invariant } from "./invariant.ts";

/** From the plug to both signatures, with what is asked of others before; the same over a bad line. */
const AGREED_WITHIN_MS = 45_000;
const AGREED_WITHIN_BADLY_MS = 300_000;

/** L6 is the same for a car and a station at a site that is cut off from another one. */
export function contractComes(world: RegionWorld, name: "L1" | "L6"): Invariant {
  const judged = new Set<Attempt>();
  const open = (): readonly Attempt[] => world.vehicles.flatMap(({ driver }) => driver.attempts.slice(-2));
  return {
    name,
    often: (report) => {
      for (const attempt of open()) {
        if (judged.has(attempt)) continue;
        const { node, station, atMs, untilMs } = attempt;
        const isFair = isFairFor(world, attempt);
        const limitMs = world.isCalm || isLineGood(world) ? AGREED_WITHIN_MS : AGREED_WITHIN_BADLY_MS;
        if (!isFair || untilMs < atMs + limitMs || hasContract(attempt)) {
          judged.add(attempt);
          continue;
        }
        if (world.nowMs < atMs + limitMs) continue;
        judged.add(attempt);
        const isAlone = world.sites.some((site) => site !== station.site && world.mesh.isCut(site, station.site));
        if (isAlone !== (name === "L6")) continue;
        report(`${node.name} stood at ${station.node.name} for ${limitMs / 1000} s and had no contract`);
      }
    },
  };
}

/** Nothing has happened to the two, their site, or the line. */
function isFairFor(world: RegionWorld, { node, station }: Attempt): boolean {
  const both = [node, station.node];
  if (both.some((each) => !world.isHonest(each) || world.isDisturbed(each) || each.running === undefined)) return false;
  if (world.planOf(node).isThrifty || world.isDisturbed(station.site)) return false;
  // Without clocks that agree there is no date that both can sign.
  if (both.some((each) => Math.abs(each.dateErrorMs) > 1_500)) return false;
  return world.isCalm || !HARD_LINES.some((group) => world.plan.groups.has(group));
}

/** Where no time is promised. */
const HARD_LINES: readonly FaultGroup[] = ["corruption", "slow-flash", "failed-flash", "clock-jumps", "full-flash"];
const BAD_LINES: readonly FaultGroup[] = ["loss", "delay", "reorder", "duplication", "liars", "clocks", ...HARD_LINES];

function isLineGood(world: RegionWorld): boolean {
  return BAD_LINES.every((group) => !world.plan.groups.has(group));
}

export function sealedInTime(world: RegionWorld): Invariant {
  return {
    name: "L2",
    atEnd: (report) => {
      for (const node of world.honest) {
        const ledger = node.running?.ledger;
        if (ledger === undefined) {
          report(`${node.name} does not run: ${node.startFault ?? "it never came back"}`);
          continue;
        }
        for (const { key, kind } of ledger.chain.mempool.facts()) {
          const atMs = world.observation.acceptedBy(node).get(key)?.atMs ?? 0;
          if (atMs < world.nowMs - 300_000)
            report(`a ${kind} waits at ${node.name} since ${Math.round((world.nowMs - atMs) / 1000)} s`);
        }
      }
    },
  };
}

export function equalHeads(world: RegionWorld): Invariant {
  let finalBefore = 0;
  let isCalm = false;
  return {
    name: "L3",
    rarely: () => {
      if (isCalm || !world.isCalm) return;
      isCalm = true;
      finalBefore = Math.max(...world.honest.map((node) => node.running?.ledger.chain.final.serial ?? 0));
    },
    atEnd: (report) => {
      const heads = new Map<string, string[]>();
      for (const node of world.honest) {
        const head = node.running?.ledger.chain.head;
        const key = head === undefined ? "none" : `${head.serial} ${toHex(head.id).slice(0, 8)}`;
        heads.set(key, [...(heads.get(key) ?? []), node.name]);
      }
      if (heads.size > 1)
        report(`heads differ: ${[...heads].map(([key, names]) => `${key} at ${names.join(", ")}`).join("; ")}`);
      if (world.plan.rules.finality === "off") return;
      for (const node of world.honest) {
        const chain = node.running?.ledger.chain;
        if (chain !== undefined && chain.final.serial <= finalBefore) {
          const reached = `${chain.final.serial} of ${chain.head.serial}`;
          report(`nothing new is final at ${node.name} since the faults ended: ${reached}`);
        }
      }
    },
  };
}

export function everyContractEnds(world: RegionWorld): Invariant {
  return {
    name: "L4",
    atEnd: (report) => {
      const node = world.honest.find(({ running }) => running !== undefined);
      const state = node?.running?.ledger.chain.head.state;
      const nowSeconds = Math.floor(world.clock.wallMs() / 1000);
      for (const { address, open, result, state: stage } of state?.transactions.entries().values() ?? []) {
        if (result !== undefined) continue;
        const limitSeconds = open.notAfter + 2 * open.terms.graceSeconds;
        const parties = [open.station, open.vehicle].map((did) =>
          world.nodes.find(({ identity }) => identity.key === toHex(did)),
        );
        const isHonest = parties.every((party) => party !== undefined && world.isHonest(party));
        const isLate = nowSeconds > limitSeconds || (isHonest && nowSeconds > open.startedAt + LONGEST_SECONDS);
        if (isLate) report(`the contract at ${toHex(address).slice(0, 8)} is still ${stage}`);
      }
    },
  };
}

/** Of an honest charge, with everything that the faults may have added; all began before the last hour. */
const LONGEST_SECONDS = 4 * 3600 + 2 * 900;

/** The station opens its contactor; a vehicle that would let no power flow says so in its next report. */
export function noNeedlessStop(world: RegionWorld): Invariant {
  const names = new Set(["report-overdue", "credit-exhausted", "disagreement", "peer-silent"]);
  const isFair = (...nodes: readonly RegionNode[]): boolean =>
    world.isCalm && nodes.every((node) => world.isHonest(node) && !world.isDisturbed(node));
  return {
    name: "L7",
    onEvent: (node, { name, content }, report) => {
      if (name !== "powerChanged" || !("reason" in content) || !names.has(String(content.reason))) return;
      const station = world.stations.find((each) => each.node === node);
      const car = world.vehicles.find((each) => each.car === station?.outlet.car)?.node;
      if (station === undefined || car === undefined || !isFair(node, car)) return;
      report(`${node.name} stops the power of ${car.name}: ${String(content.reason)}`);
    },
    onSaid: (said, report) => {
      if (said.kind !== "fact" || said.fact.kind !== "REPORT" || !said.isOwn) return;
      const { address, role, sequence, flags } = said.fact.body;
      const isPause = (flags & REPORT_FLAG.PAUSED) !== 0 && (flags & REPORT_FLAG.METER_ABSENT) === 0;
      // The first one waits for that of the other side.
      if (role !== "vehicle" || sequence === 0 || !isPause) return;
      const transaction = said.by.running?.ledger.chain.pending.transactions.get(toHex(address));
      const station = world.nodes.find(({ identity }) => identity.key === toHex(transaction?.open.station ?? NOBODY));
      const isGoingOn = transaction?.completes.station === undefined && transaction?.result === undefined;
      if (station === undefined || !isGoingOn || !isFair(said.by, station)) return;
      report(`${said.by.name} would let ${station.name} deliver no more`);
    },
  };
}

const NOBODY = new Uint8Array();
