/**
 * The models under spin, exhaustively: each holds as it is, and each of its mutants is caught by the claim that it was
 * made against. A model that no mutant can break would say nothing.
 *
 * `npm run models`; needs the Debian packages spin and gcc.
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";

interface Model {
  readonly name: string;
  /** Definitions that break it, and what then is violated. */
  readonly mutants: readonly (readonly [definitions: readonly string[], violated: RegExp])[];
  /** Definitions with which it has to hold, too. */
  readonly variants?: readonly (readonly string[])[];
  /** The same, for whoever has minutes and two gigabytes: `MODELS=long npm run models`. */
  readonly long?: readonly (readonly string[])[];
}

const MODELS: readonly Model[] = [
  {
    name: "register",
    mutants: [
      [["ONE_SLOT"], /isSigned\[value\]/],
      [["EARLY_SIGNATURE"], /isSigned/],
      [["NO_SETTLE"], /cached/],
      [["NO_REGISTER_READ"], /isSigned\[value\]/],
    ],
  },
  {
    name: "sealing",
    mutants: [
      [["EXCLUDE_RECENT"], /waitedSlots/],
      [["FIRST_RANK_ONLY"], /waitedSlots/],
      [["VOLATILE_SLOT"], /signedIn/],
      [["NO_CLOCK_CHECK"], /myTime<=now/],
    ],
  },
  {
    name: "handshake",
    mutants: [
      [["NO_STATION"], /hasSentM3/],
      [["NO_TRANSCRIPT"], /hasSentM3/],
      [["UNBOUND_M2"], /peerStation/],
      [["RELAYED"], /plug==3/],
    ],
    variants: [["RELAYED", "BINDING"]],
  },
  {
    name: "finality",
    mutants: [
      [["NO_SOURCE_RULE"], /finalOnB/],
      [["NO_TARGET_RULE"], /finalOnB/],
      [["FINAL_BY_ANY_LINK"], /finalOnB/],
      [["FORGETFUL"], /finalOnA/],
      [["LIARS=2"], /finalOnA/],
    ],
    long: [["MEMBERS=7", "LIARS=2"]],
  },
  {
    name: "handoff",
    mutants: [
      [["FORWARD_ONLY", "RECORDED_A=2", "TOP=3"], /isFinal\[3\]/],
      [["UNTIL_FINAL", "RECORDED_A=2", "TOP=3"], /isFinal\[3\]/],
      [["NO_GAP", "RECORDED_A=2", "LEAP=2"], /isFinal\[3\]/],
      [["STOP_AT_BOUNDARY", "RECORDED_A=NEVER", "LIARS=0"], /oldBound/],
      [["LIARS=2"], /isFinal\[3\]/],
    ],
  },
  {
    name: "handoffs",
    mutants: [
      [["FORWARD_ONLY", "FORK=2", "FIRST=2"], /finalAbove/],
      [["NO_REAR"], /finalAbove/],
      [["NO_GAP"], /finalAbove/],
      [["UNRECORDED"], /finalAbove/],
      [["NO_SOURCE_RULE"], /finalAbove/],
      [["LIARS=2"], /finalAbove/],
      [["MID_LIARS=2", "TOP=6", "FORK=2", "FIRST=2"], /finalAbove/],
    ],
    long: [["TOP=6"]],
  },
  {
    name: "session",
    mutants: [
      [["VOLATILE_LOG"], /known\[/],
      [["FIRST_WORD_LAST"], /result\[0\]==1/],
      [["STATION_BILLS"], /billed\[branch\]/],
      [["NO_GRACE"], /result\[0\]!=0/],
      [["NO_STOP"], /heard/],
      [["LOG_BILLS"], /billed\[0\]==billed\[1\]/],
    ],
    long: [["NOT_AFTER=2"], ["INTERVALS=3"]],
  },
];

const hasSpin = ["spin", "gcc"].every(isInstalled);
const isLong = process.env["MODELS"] === "long";
const test = suite("models");

for (const { name, mutants, variants = [], long = [] } of MODELS) {
  for (const definitions of [[], ...variants, ...(isLong ? long : [])]) {
    test(`${name} ${definitions.join(" ")}: every state keeps its claims`, () => {
      if (!hasSpin) {
        tellMissing();
        return;
      }
      const { errors, states, text } = search(name, definitions);
      assert.is(errors, 0, text);
      assert.ok(states > 100, `${states} states are no search`);
      console.log(`${[name, ...definitions].join(" ")}: ${states} states`);
    });
  }
  for (const [definitions, violated] of mutants) {
    test(`${name} ${definitions.join(" ")}: the broken rule is caught`, () => {
      if (!hasSpin) {
        tellMissing();
        return;
      }
      const { errors, text } = search(name, definitions);
      assert.is(errors, 1, text);
      assert.match(text, violated);
    });
  }
}

test.run();

interface Search {
  readonly errors: number;
  readonly states: number;
  readonly text: string;
}

/** Waiting for a message that never comes is no deadlock here (-E): every gateway has timers. */
function search(name: string, definitions: readonly string[]): Search {
  const folder = mkdtempSync(join(tmpdir(), "tallystick-model-"));
  try {
    const options = { cwd: folder, encoding: "utf8", stdio: "pipe" } as const;
    copyFileSync(fileURLToPath(new URL(`${name}.pml`, import.meta.url)), join(folder, "model.pml"));
    execFileSync("spin", ["-a", ...definitions.map((definition) => `-D${definition}`), "model.pml"], options);
    execFileSync("gcc", ["-O2", "-w", "-DSAFETY", "-DCOLLAPSE", "-o", "pan", "pan.c"], options);
    const text = execFileSync("./pan", ["-E", "-m100000"], options);
    return { errors: count(text, /errors: (\d+)/), states: count(text, /(\d+) states, stored/), text };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function count(text: string, pattern: RegExp): number {
  return Number(pattern.exec(text)?.[1] ?? Number.NaN);
}

function isInstalled(program: string): boolean {
  try {
    execFileSync("which", [program], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

function tellMissing(): void {
  console.log("passed over: spin or gcc is not installed (apt-get install spin gcc)");
}
