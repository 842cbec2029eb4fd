/** The rules of a region in force and to come, who may change them, and what they have decided. */
import { toHex } from "#base/bytes.ts";
import { codeVersionIn } from "#core/governance/governance.ts";
import { shortDeviceId } from "#core/identity/device-id.ts";
import type { Chain } from "#core/ledger/chain.ts";
import type { GovernanceFact } from "#core/ledger/fact.ts";
import type { LedgerRules, RuleChanges } from "#core/ledger/rules.ts";
import type { Shown } from "../show.ts";

export function showRules(chain: Chain): Shown {
  const { genesis, head } = chain;
  const { rules, finality } = head.state;
  const { governors } = genesis.body;
  const { governance } = finality;
  const version = codeVersionIn(finality);
  const known = chain.newerCode === undefined ? "" : `: newer than this release, which knows ${chain.codeVersion}`;
  const changed = governance?.changes ?? {};
  const lines = [
    ...Object.entries(rules).map(([name, value]) => {
      const before = Object.hasOwn(changed, name) ? `  (genesis: ${String(genesis.body.rules[name as RuleName])})` : "";
      return `${name.padEnd(22)} ${String(value)}${before}`;
    }),
    `${"codeVersion".padEnd(22)} ${version}${known}`,
    governors === undefined
      ? "governors: nobody; these rules stay as they are"
      : `governors: ${governors.threshold} of ${governors.keys.length}, epoch ${finality.epoch} now`,
    ...(governance?.pending ?? []).map(
      (params) => `from epoch ${params.activeFromEpoch} on: ${changeText(params.changes, params.codeVersion)}`,
    ),
    ...(governance?.reconfigs ?? []).map(
      ({ committee, checkpoint, serial, epoch }) =>
        `block ${serial}: epoch ${epoch} by governors, ${committee.length} voters on block ${checkpoint.serial}`,
    ),
    ...(governance?.setAside ?? []).map(({ did }) => `taken for gone until it seals a block: ${did}`),
  ];
  return { lines, data: { ...rulesData(chain), all: rules } };
}

type RuleName = keyof LedgerRules;

/** What differs from the genesis, and what comes; null where the genesis names no governors. */
export function rulesData({ genesis, head, codeVersion, newerCode }: Chain): Readonly<Record<string, unknown>> {
  const { finality } = head.state;
  const { governors } = genesis.body;
  const { governance } = finality;
  return {
    codeVersion: codeVersionIn(finality),
    knownCodeVersion: codeVersion,
    isCodeOutdated: newerCode !== undefined,
    changed: governance?.changes ?? {},
    governors: governors ? { keys: governors.keys.map(toHex), threshold: governors.threshold } : null,
    lastNumber: governance?.number ?? 0,
    pending: (governance?.pending ?? []).map(({ id, activeFromEpoch, changes, codeVersion: version }) => ({
      ...{ id: toHex(id), activeFromEpoch, rules: changes, codeVersion: version ?? null },
    })),
    reconfigured: (governance?.reconfigs ?? []).map(({ id, checkpoint, serial, epoch, committee }) => ({
      ...{ id: toHex(id), serial, epoch, committee },
      checkpoint: { serial: checkpoint.serial, id: toHex(checkpoint.id) },
    })),
  };
}

/** What governors decide, in a line. */
export function decisionText({ kind, body }: GovernanceFact): string {
  if (kind === "RECONFIG") {
    const voters = body.committee.map((did) => shortDeviceId(did)).join(", ");
    return `on final block ${body.checkpoint.serial} vote from here on: ${voters}`;
  }
  return `number ${body.number}, from epoch ${body.activeFromEpoch} on: ${changeText(body.rules, body.codeVersion)}`;
}

function changeText(rules: RuleChanges, codeVersion: number | undefined): string {
  const changes = Object.entries(rules).map(([name, value]) => `${name} ${String(value)}`);
  return [...changes, ...(codeVersion === undefined ? [] : [`code version ${codeVersion}`])].join(", ");
}
