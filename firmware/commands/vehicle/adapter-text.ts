/** What an adapter is and what it can do, in plain words. */
import type { AdapterCapabilities } from "#hal/protocols/obd/elm327/adapter-capabilities.ts";

/** What it is, whatever it calls itself. */
export function adapterFamily(adapter: AdapterCapabilities): string {
  if (adapter.stnVersion !== null) return `an STN chip (${adapter.stnDevice ?? adapter.stnVersion}); the best kind`;
  if (adapter.saysOkToAnything) return "an imitation that says OK to anything: what it can do shows only by doing";
  const lacks = REAL.filter((skill) => !adapter[skill]);
  if (lacks.length > 0) return "an imitation or an old version: a real ELM327 1.4 or newer can do more";
  return "an ELM327 of version 1.4 or newer, or as good as one";
}

export function adapterSkills(adapter: AdapterCapabilities): {
  readonly can: readonly string[];
  readonly lacks: readonly string[];
} {
  const skills = Object.entries(SKILLS) as readonly (readonly [Skill, string])[];
  return {
    can: skills.filter(([skill]) => adapter[skill]).map(([, text]) => text),
    lacks: skills.filter(([skill]) => !adapter[skill]).map(([, text]) => text),
  };
}

type Skill = Exclude<keyof AdapterCapabilities, "banner" | "stnVersion" | "stnDevice" | "saysOkToAnything">;

const REAL: readonly Skill[] = ["setsTimeout", "adaptsTimeout", "longCommands", "rawFrames", "extendedAddress"];

const SKILLS: Readonly<Record<Skill, string>> = {
  setsTimeout: "waits as long as it is told",
  adaptsTimeout: "shortens its wait by itself",
  longCommands: "long commands",
  rawFrames: "frames made by us",
  extendedAddress: "extended addresses (BMW)",
  ownFlowControl: "long answers by our flow control",
  setsPriority: "29-bit addresses in two parts",
  measuresSupply: "the 12 V system's voltage",
};
