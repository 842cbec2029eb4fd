/** Where the rules of a chain and the terms of its charges are the paper's, and where they are not. */
import type { Terms } from "#core/contract/terms.ts";
import { EXPOSURE_UNLIMITED_MILLI_WH } from "#core/contract/terms.ts";
import { ENERGY_V1_HASH_HEX } from "#core/contract/energy-v1-program.ts";
import { PAPER_V1_HASH_HEX } from "#core/contract/paper-v1-program.ts";
import { toHex } from "#base/bytes.ts";
import type { GenesisBody } from "#core/ledger/genesis.ts";
import { PAPER_RULES, type LedgerRules } from "#core/ledger/rules.ts";

export interface Switch {
  readonly name: string;
  readonly paper: string;
  readonly found: string;
}

/** Every switch; the profile's name decides nothing and is none. */
export function switchesOf({ rules, membership }: GenesisBody, terms: Terms | undefined): readonly Switch[] {
  const ofRules = Object.entries(PAPER_RULES)
    .filter(([name]) => name !== "profile")
    .map(([name, paper]) => ({
      name,
      paper: shown(paper),
      found: shown(Object.entries(rules).find(([key]) => key === name)?.[1]),
    }));
  const isOpen = membership === undefined || membership.admitsUncertified;
  return [
    ...ofRules,
    { name: "membership", paper: "open", found: isOpen ? "open" : "certified" },
    ...(terms === undefined ? [] : switchesOfTerms(terms)),
  ];
}

/** These are signed with each charge. */
function switchesOfTerms({ readingsPerReport, exposureMilliWh, codeHash }: Terms): readonly Switch[] {
  const exposure = exposureMilliWh === EXPOSURE_UNLIMITED_MILLI_WH ? "unlimited" : `${exposureMilliWh} mWh`;
  const contract = SHIPPED_BY_HASH.get(toHex(codeHash)) ?? "another";
  return [
    { name: "terms.readingsPerReport", paper: "1", found: String(readingsPerReport) },
    { name: "terms.exposure", paper: "unlimited", found: exposure },
    { name: "terms.contract", paper: "paper-v1", found: contract },
  ];
}

const SHIPPED_BY_HASH = new Map([
  [PAPER_V1_HASH_HEX, "paper-v1"],
  [ENERGY_V1_HASH_HEX, "energy-v1"],
]);

function shown(value: LedgerRules[keyof LedgerRules] | undefined): string {
  return value === null ? "none" : String(value);
}
