/** One run of the bench inside a test: quiet, and with the last lines at hand when it fails. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { inspectFolder } from "#adapters/flash-store/index.ts";
import { toHex } from "#base/bytes.ts";
import type { ResultBody } from "#core/ledger/block.ts";
import type { Chain } from "#core/ledger/chain.ts";
import { decodeFact, type Fact } from "#core/ledger/fact.ts";
import { readJournal } from "#core/ledger/journal.ts";
import { contentOf, RECORD_KIND } from "#core/ledger/journal-record.ts";
import { verifyPath } from "#firmware/commands/chain-source.ts";
import type { CommandIo } from "#firmware/commands/command-io.ts";
import { BENCH_DEFAULTS, type BenchOptions } from "#firmware/commands/bench/bench-options.ts";
import type { BenchReport, ChargeReport } from "#firmware/commands/bench/bench-report.ts";
import type { GatewayNews } from "#firmware/commands/bench/gateway-news.ts";
import { runBench, type BenchHooks } from "#firmware/commands/bench/run-bench.ts";

export interface BenchRun {
  readonly report: BenchReport;
  /** What the gateways told, in the order in which the bench heard it. */
  readonly news: readonly (GatewayNews & { readonly gateway: string; readonly worldMs: number })[];
  /** The verified chains of the gateways, by name; read before the folders are removed. */
  readonly chains: ReadonlyMap<string, Chain>;
  /** All that each gateway holds on flash, in a block or not. */
  readonly stores: ReadonlyMap<string, readonly Fact[]>;
}

/** Faster than the default, since tests have less patience; as fast as a loaded machine still keeps up with. */
const TEST_OPTIONS: Partial<BenchOptions> = { speed: 40, minutes: 7 };

export async function benchRun(options: Partial<BenchOptions>, hooks: BenchHooks = {}): Promise<BenchRun> {
  const keep = mkdtempSync(join(tmpdir(), "tallystick-test-bench-"));
  const lines: string[] = [];
  try {
    const all = { ...BENCH_DEFAULTS, ...TEST_OPTIONS, ...options, keep, json: true };
    const report = await runBench(all, quietIo(lines), hooks);
    const chains = new Map<string, Chain>();
    const stores = new Map<string, readonly Fact[]>();
    for (const { name, path } of report.gateways) {
      const verification = await verifyPath(new NodeCryptography(), path, ".");
      if (verification.ok && "chain" in verification) chains.set(name, verification.chain);
      stores.set(name, await storedFacts(join(path, "flash", "ledger")));
    }
    const news = lines.map((line) => readNews(line)).filter((item) => item !== undefined);
    return { report, news, chains, stores };
  } catch (error) {
    console.log(lines.slice(-60).join("\n"));
    throw error;
  } finally {
    rmSync(keep, { recursive: true, force: true });
  }
}

/** What holds after every run, whatever happened in it. */
export function assertOneTrueChain({ report, chains }: BenchRun): void {
  assert.equal(chains.size, report.gateways.length, "every stored chain holds");
  const heads = new Set([...chains.values()].map((chain) => toHex(chain.head.state.id)));
  assert.equal(heads.size, 1, "every head is equal");
  assert.ok(report.blocks.length >= 3, "there are blocks");
}

export function onlyCharge({ report }: BenchRun): ChargeReport & { readonly result: ResultBody } {
  assert.equal(report.charges.length, 1);
  const [charge] = report.charges;
  if (charge?.result === undefined) throw new Error("the charge has no result in any block");
  return { ...charge, result: charge.result };
}

/** Nobody has signed two reports with one number: neither of them may stand in any block or on any flash. */
export function assertNoNumberTwice({ chains, stores }: BenchRun): void {
  const sealed = [...chains.values()].flatMap((chain) =>
    Array.from({ length: chain.head.state.serial }, (_, place) => chain.at(place + 1)?.block?.facts ?? []).flat(),
  );
  const idOf = new Map<string, string>();
  for (const fact of [...sealed, ...[...stores.values()].flat()]) {
    if (fact.kind !== "REPORT") continue;
    const number = `${toHex(fact.body.address)} ${fact.body.role} ${fact.body.sequence}`;
    assert.is(idOf.get(number) ?? fact.key, fact.key, `number used twice: ${number}`);
    idOf.set(number, fact.key);
  }
  assert.ok(idOf.size >= 4, "there are reports of both sides");
}

async function storedFacts(folder: string): Promise<readonly Fact[]> {
  const { records } = await inspectFolder(folder);
  const contents = records.map((record) => record.bytes);
  const journal = readJournal(new NodeCryptography(), contents, "from anybody");
  if (!journal.ok) return [];
  return contents.flatMap((record) => {
    const fact =
      record[0] === RECORD_KIND.fact ? decodeFact(journal.value.chain.context, contentOf(record)) : undefined;
    return fact?.ok === true ? [fact.value] : [];
  });
}

export function isInstalled(program: string): boolean {
  const folders = [...(process.env["PATH"] ?? "").split(":"), "/usr/sbin", "/sbin"];
  return folders.some((folder) => existsSync(join(folder, program)));
}

function readNews(line: string): BenchRun["news"][number] | undefined {
  const { event: name, gateway, worldMs, ...event } = JSON.parse(line) as Readonly<Record<string, unknown>>;
  return gateway === undefined ? undefined : ({ name, gateway, worldMs, event } as unknown as BenchRun["news"][number]);
}

function quietIo(lines: string[]): CommandIo {
  return {
    out: (line) => {
      lines.push(line);
    },
    err: (line) => {
      lines.push(line);
    },
    write: () => undefined,
    isTerminal: false,
    columns: 80,
    cwd: process.cwd(),
    env: {},
    onStop: () => undefined,
    onFailure: () => undefined,
  };
}
