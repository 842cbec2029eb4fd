/** The genesis of a new region: its rules, and the gateways that may seal while nobody has a history. */
import type { Governors } from "#core/governance/governors.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import { makeGenesis, type Genesis, type Membership } from "#core/ledger/genesis.ts";
import { HARDENED_RULES, PAPER_RULES, type LedgerRules } from "#core/ledger/rules.ts";

export interface RegionAuthority {
  readonly inception: Uint8Array;
  readonly organisation: string;
}

export interface Region {
  /** For people; the network is named by the genesis' hash. */
  readonly name: string;
  readonly rules: LedgerRules;
  /** Unix seconds. */
  readonly startedAt: number;
  /** 1 to 32. */
  readonly authorities: readonly RegionAuthority[];
  /** Absent where anybody may join. */
  readonly membership?: Membership;
  /** Absent where nobody may change the rules. */
  readonly governors?: Governors;
}

export const REGION_PROFILES: Readonly<Record<LedgerRules["profile"], LedgerRules>> = {
  hardened: HARDENED_RULES,
  paper: PAPER_RULES,
};

export function makeRegionGenesis(crypto: Cryptography, region: Region): Genesis {
  const authorities = region.authorities.map(({ inception, organisation }) => [inception, organisation] as const);
  return makeGenesis(crypto, { version: region.membership === undefined ? 1 : 2, ...region, authorities });
}
