/**
 * The bench by the paper's rules: two cars, one after the other, at one of two chargers, each gateway a process of its
 * own. The chain that they leave is exported and holds each thing that the paper names; one of the default rules differs
 * from it where the switches say.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { equalBytes, toHex } from "#base/bytes.ts";
import { PAPER_V1_HASH_HEX } from "#core/contract/paper-v1-program.ts";
import { EXPOSURE_UNLIMITED_MILLI_WH } from "#core/contract/terms.ts";
import { transactionAddress } from "#core/handshake/transaction-address.ts";
import type { Chain, ChainLink } from "#core/ledger/chain.ts";
import type { Fact, FactKind } from "#core/ledger/fact.ts";
import { HARDENED_RULES, PAPER_RULES } from "#core/ledger/rules.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { toBeSigned } from "#core/wire/signed.ts";
import { decodeInception, deviceIdOf } from "#core/identity/device-id.ts";
import { exportChain } from "#records/chain-export.ts";
import { runCommandLine } from "#firmware/commands/command-line.ts";
import { commands } from "#firmware/commands/commands.ts";
import { showPaper } from "#firmware/commands/paper/show-paper.ts";
import type { PaperElement } from "#firmware/commands/paper/paper-element.ts";
import type { Switch } from "#firmware/commands/paper/switches.ts";
import { assertOneTrueChain, benchRun, type BenchRun } from "#test/builders/bench-run.ts";
import { crypto } from "#test/builders/ledger-actors.ts";
import { readExportedChain } from "#test/builders/exported-chain.ts";
import { recountPaper } from "#test/builders/paper-recount.ts";
import { RESULT_KEYS } from "#test/builders/paper-trade.ts";
import { recordIo } from "#test/builders/recorded-io.ts";
import { sealCharge } from "#test/builders/sealed-charge.ts";

const home = mkdtempSync(join(tmpdir(), "tallystick-paper-"));
const test = suite("bench, the paper's rules");
let run: BenchRun | undefined;

test.before(async () => {
  run = await benchRun({ profile: "paper", vehicles: 2, speed: 30, minutes: 6 });
});
test.after(() => {
  rmSync(home, { recursive: true });
});

test("two charges end settled, and every node has the same ledger", () => {
  const { report } = ran();
  assertOneTrueChain(ran());
  assert.equal(report.problems, []);
  assert.equal(
    report.charges.map(({ result, outcome }) => [result?.state, outcome]),
    [
      ["SETTLED", "agreed"],
      ["SETTLED", "agreed"],
    ],
  );
});

test("II.E: each side requests the newest chain before it signs a contract", () => {
  const { news } = ran();
  const firstOf = (gateway: string, name: string): number =>
    news.findIndex((item) => item.gateway === gateway && item.name === name);
  for (const gateway of ["charger-1", "vehicle-1", "vehicle-2"]) {
    const [asked, signed] = [firstOf(gateway, "chainRequested"), firstOf(gateway, "contractSigned")];
    assert.ok(asked >= 0 && asked < signed, gateway);
  }
});

test("III.A: ids and public keys are shared, each id is a hash of its key, and both sign one transaction", () => {
  const shared = keysOf(chain());
  assert.is(shared.size, 4);
  const opens = factsOf(chain(), "OPEN");
  assert.is(opens.length, 2);
  for (const { fact } of opens) {
    const { network } = chain().genesis;
    const message = toBeSigned(network, PURPOSE.OPEN, fact.payload);
    for (const [place, did] of [fact.body.vehicle, fact.body.station].entries()) {
      const key = shared.get(toHex(did));
      assert.ok(key !== undefined && crypto.verify(key, message, fact.signatures[place] ?? new Uint8Array()));
    }
  }
  assert.is(new Set(opens.map(({ fact }) => toHex(fact.body.transcript))).size, 2, "each of a handshake of its own");
});

test("III.B: a block has list, previous hash, serial, miner and signature; one comes each T; no trader mines", () => {
  const shared = keysOf(chain());
  const links = linksOf(chain());
  for (const { block, parent } of links) {
    assert.ok(block !== undefined && parent !== undefined);
    const { header } = block;
    assert.is(toHex(header.previous), toHex(parent.id));
    assert.is(header.serial, parent.serial + 1);
    const message = toBeSigned(chain().genesis.network, PURPOSE.HEADER, block.headerPayload);
    const key = shared.get(toHex(header.miner));
    assert.ok(key !== undefined && crypto.verify(key, message, block.signature));
    assert.equal([header.rank[0], header.rank[1] === 3], [0, false]);
    assert.is(header.justify, undefined, "nobody votes");
  }
  const gaps = links.slice(1).map(({ sealedAt, parent }) => sealedAt - (parent?.sealedAt ?? 0));
  assert.ok(Math.min(...gaps) >= 30 && median(gaps) <= 36, `${gaps.join(" ")} s`);
  assert.ok(
    links.some(({ block }) => block?.facts.length === 0),
    "also with nothing to record",
  );
});

test("the exported chain, read by another decoder, is what a recount by the paper alone makes of it", () => {
  const { complaints, miners, outcomes } = recountPaper(readExportedChain(exportChain(chain())));
  assert.equal(complaints, []);
  const during = miners.filter(({ among }) => among === "relatives");
  assert.ok(during.length > 5, "the first car mines while the second charges: it is the station's only relative");
  assert.ok(
    miners.some(({ among, histories }) => among === "all" && histories.length > 1),
    "and when nobody trades, the longest of different histories",
  );
  assert.equal(
    outcomes.map(({ state, fields }) => [
      state,
      fields[RESULT_KEYS.amount] ?? 0,
      fields[RESULT_KEYS.billedMilliWh] ?? 0,
    ]),
    // 0.35 EUR for each kWh, in cents.
    outcomes.map(({ fields }) => {
      const milliWh = fields[RESULT_KEYS.billedMilliWh] ?? 0;
      return ["SETTLED", Math.round(milliWh * 35e-6), milliWh];
    }),
  );
  assert.is(outcomes.length, 2);
});

test("III.B, III.C: the script is in a block, and txAddr follows from it and from what both signed", () => {
  const [code] = factsOf(chain(), "CODE");
  assert.ok(code);
  for (const { fact } of factsOf(chain(), "OPEN")) {
    const { terms } = fact.body;
    assert.is(toHex(terms.codeHash), PAPER_V1_HASH_HEX);
    assert.equal([terms.readingsPerReport, terms.exposureMilliWh], [1, EXPOSURE_UNLIMITED_MILLI_WH]);
    const transaction = chain().head.state.transactions.get(toHex(addressOf(chain(), fact)));
    assert.ok(transaction !== undefined && equalBytes(transaction.code, code.fact.body.program));
  }
});

test("III.C, II.D: both report each reading, all is recorded, both complete, and the result is in a block", () => {
  for (const [key, address] of addressesOf(chain())) {
    const ofRole = (kind: "REPORT" | "COMPLETE", role: string): readonly Fact[] =>
      factsOf(chain(), kind).flatMap(({ fact }) =>
        equalBytes(fact.body.address, address) && fact.body.role === role ? [fact] : [],
      );
    for (const role of ["station", "vehicle"]) {
      const reports = ofRole("REPORT", role);
      assert.ok(reports.length >= 5, `${role} of ${key}: ${reports.length} reports`);
      for (const [place, { kind, body }] of reports.entries()) {
        assert.ok(kind === "REPORT" && body.sequence === place && body.registerMilliWh.length === 1);
        assert.is(toHex(body.previous), place === 0 ? key : reports[place - 1]?.key, "behind the one before");
      }
      assert.is(ofRole("COMPLETE", role).length, 1);
    }
    assert.ok(linksOf(chain()).some(({ results }) => results.some((each) => equalBytes(each.address, address))));
  }
});

test("`show paper` on the exported chain points at every element, and says that every switch is the paper's", async () => {
  writeFileSync(join(home, "paper.tally"), exportChain(chain()));
  assert.is((await call("verify", "paper.tally")).exitCode, 0);
  const text = await call("show", "paper", "--from", "paper.tally");
  assert.is(text.exitCode, 0, text.err);
  assert.match(text.out, /^region bench, rules: paper; all 24 switches are as the paper has them\n/);
  assert.not.match(text.out, /not in this chain|NOT|do NOT/);
  const { elements } = JSON.parse((await call("show", "paper", "--json", "--from", "paper.tally")).out) as ToldPaper;
  assert.equal(
    elements.filter(({ found }) => found.length === 0).map(({ name }) => name),
    [],
  );
  for (const section of ["I", "II.A", "II.B", "II.C", "II.D", "II.E", "III.A", "III.B", "III.C", "Fig. 1"]) {
    assert.ok(
      elements.some((element) => element.section.split(", ").includes(section)),
      section,
    );
  }
});

test("a chain of the default rules differs where the switches say, and only there", () => {
  const { data } = showPaper(sealCharge().chain, "");
  const { switches } = data as ToldPaper;
  const differing = switches.filter(({ paper, found }) => paper !== found).map(({ name }) => name);
  const rules = Object.entries(PAPER_RULES).filter(([name]) => name !== "profile");
  const expected = rules.filter(([name, value]) => HARDENED_RULES[name as keyof typeof HARDENED_RULES] !== value);
  assert.equal(differing, [
    ...expected.map(([name]) => name),
    ...["terms.readingsPerReport", "terms.exposure", "terms.contract"],
  ]);
});

test.run();

interface ToldPaper {
  readonly switches: readonly Switch[];
  readonly elements: readonly PaperElement[];
}

function ran(): BenchRun {
  if (run === undefined) throw new Error("the bench has not run");
  return run;
}

function chain(): Chain {
  const [first] = ran().chains.values();
  if (first === undefined) throw new Error("no chain holds");
  return first;
}

function linksOf(of: Chain): readonly ChainLink[] {
  return Array.from({ length: of.head.serial }, (_, place) => of.at(place + 1)).filter(
    (link): link is ChainLink => link !== undefined,
  );
}

type FactOfKind<Kind extends FactKind> = Extract<Fact, { readonly kind: Kind }>;

function factsOf<Kind extends FactKind>(
  of: Chain,
  kind: Kind,
): readonly { readonly fact: FactOfKind<Kind>; readonly serial: number }[] {
  return linksOf(of).flatMap(({ block, serial }) =>
    (block?.facts ?? []).flatMap((fact) => (isOfKind(fact, kind) ? [{ fact, serial }] : [])),
  );
}

function isOfKind<Kind extends FactKind>(fact: Fact, kind: Kind): fact is FactOfKind<Kind> {
  return fact.kind === kind;
}

function addressOf({ genesis }: Chain, { payload, body }: FactOfKind<"OPEN">): Uint8Array {
  return transactionAddress(crypto, {
    network: genesis.network,
    codeHash: body.terms.codeHash,
    openPayload: payload,
  });
}

/** By the id of the OPEN in hex. */
function addressesOf(of: Chain): ReadonlyMap<string, Uint8Array> {
  return new Map(factsOf(of, "OPEN").map(({ fact }) => [fact.key, addressOf(of, fact)]));
}

/** Public keys by device id in hex, from the genesis and the JOINs; each id must be the hash of what names the key. */
function keysOf(of: Chain): ReadonlyMap<string, Uint8Array> {
  const inceptions = [
    ...of.genesis.body.authorities.map(([inception]) => inception),
    ...factsOf(of, "JOIN").map(({ fact }) => fact.body.inception),
  ];
  return new Map(
    inceptions.map((inception) => {
      const decoded = decodeInception(inception);
      if (!decoded.ok) throw new Error("an inception that cannot be read");
      return [toHex(deviceIdOf(crypto, inception)), decoded.value.publicKey];
    }),
  );
}

function median(values: readonly number[]): number {
  return [...values].sort((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0;
}

async function call(...words: readonly string[]): Promise<{ exitCode: number; out: string; err: string }> {
  const io = recordIo({ cwd: home });
  const exitCode = await runCommandLine(words, commands, io);
  return { exitCode, out: io.outLines.join("\n"), err: io.errLines.join("\n") };
}
