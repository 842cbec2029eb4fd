/** `governor`: three people with three keys, a file that goes from one to the next, and the fact that comes of it. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { decodeGenesis, makeGenesis, type GenesisBody } from "#core/ledger/genesis.ts";
import { answerSubmit } from "#firmware/commands/key/answer-membership.ts";
import { commands } from "#firmware/commands/commands.ts";
import { runCommandLine } from "#firmware/commands/command-line.ts";
import { factOfDecision, readDecision, readGovernedRegion } from "#firmware/commands/governor/decision-file.ts";
import { decodeFact } from "#core/ledger/fact.ts";
import { VOTING_RULES, LedgerBuilder } from "#test/builders/ledger-builder.ts";
import { sealAndCertify } from "#test/builders/committee-votes.ts";
import { makeActor } from "#test/builders/ledger-actors.ts";
import { recordIo } from "#test/builders/recorded-io.ts";
import { exportChain } from "#records/chain-export.ts";
import type { Governors } from "#core/governance/governors.ts";

const home = mkdtempSync(join(tmpdir(), "tallystick-governor-"));
const crypto = new NodeCryptography();
const VOTERS = [1, 2, 3, 4].map((number) => makeActor(`voter ${number}`, "station"));
const test = suite("governor");

interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function run(words: string): Promise<Said> {
  const io = recordIo({ cwd: home });
  const code = await runCommandLine(words.split(" "), commands, io);
  return { code, out: io.outLines.join("\n"), err: io.errLines.join("\n") };
}

async function good(words: string): Promise<string> {
  const { code, out, err } = await run(words);
  assert.is(code, 0, err);
  return out;
}

function genesisAt(place: string): GenesisBody {
  const genesis = decodeGenesis(crypto, new Uint8Array(readFileSync(join(home, place))));
  assert.ok(genesis.ok);
  return genesis.value.body;
}

/** A region of these governors whose committee votes; its chain and genesis as files. */
function governedChain(governors: Governors): LedgerBuilder {
  const rules = { ...VOTING_RULES, checkpointBlocks: 2, epochCheckpoints: 4 };
  const builder = new LedgerBuilder({ rules, authorities: VOTERS, governors });
  sealAndCertify(builder, 6);
  builder.seal();
  writeFileSync(join(home, "chain.tally"), exportChain(builder.chain));
  writeFileSync(join(home, "genesis.tally"), builder.genesis.bytes);
  return builder;
}

let governors: Governors = { keys: [], threshold: 1 };

test.before(async () => {
  for (const name of ["a", "b", "c", "stranger"]) await good(`governor init --folder ${name}`);
  const files = ["a", "b", "c"].map((name) => `${name}/governor.pub`).join(",");
  await good(`init --role charger --folder charger --governors ${files} --organisation north`);
  governors = genesisAt("charger/genesis.tally").governors ?? governors;
});

test.after(() => {
  rmSync(home, { recursive: true });
});

test("a new region names its governors, more than half of whom decide; without them it is as it was", async () => {
  assert.is(governors.keys.length, 3);
  assert.is(governors.threshold, 2);
  assert.is(statSync(join(home, "a/governor.key")).mode & 0o777, 0o600);
  assert.is((await run("governor init --folder a")).code, 73, "no second one is made over it");
  await good("init --role charger --folder plain --organisation north");
  const plain = genesisAt("plain/genesis.tally");
  assert.is(plain.governors, undefined);
  assert.not.ok("governors" in makeGenesis(crypto, plain).body);
  for (const wrong of [
    "--governors a/governor.pub,a/governor.pub",
    "--governors a/governor.pub,b/governor.pub,c/governor.pub --governors-needed 1",
    "--governors a/governor.pub --governors-needed 2",
    "--governors-needed 2",
    "--governors a/governor.pub --profile paper",
  ]) {
    assert.is((await run(`init --role charger --folder wrong ${wrong}`)).code, 64, wrong);
  }
  assert.is((await run("init --role charger --folder wrong --governors a/governor.key")).code, 65);
});

test("rules go from one governor to the next, and become a fact that the chain takes when enough have signed", async () => {
  const builder = governedChain(governors);
  const said = await good("governor propose blockSeconds=45 historyMin=10 --code-version 2 --from chain.tally");
  assert.match(said, /PARAMS number 1, from epoch 2 on: blockSeconds 45, historyMin 10, code version 2/);
  const region = await readGovernedRegion(join(home, "genesis.tally"));
  const path = join(home, "decision.tally");
  assert.is(factOfDecision(await readDecision(path, region), region), undefined);
  assert.match(await good("governor sign decision.tally --genesis genesis.tally --folder c"), /1 more to sign/);
  assert.match(await good("governor sign decision.tally --genesis genesis.tally --folder c"), /1 more to sign/);
  assert.match(
    (await run("governor sign decision.tally --genesis genesis.tally --folder stranger")).err,
    /no governor/,
  );
  assert.match(await good("governor sign decision.tally --genesis genesis.tally --folder a"), /enough/);
  const shown = JSON.parse(await good("governor show decision.tally --genesis genesis.tally --json")) as {
    signedBy: string[];
  };
  assert.equal(
    shown.signedBy,
    [0, 2].map((place) => toHex(governors.keys[place] ?? new Uint8Array())),
  );
  const fact = factOfDecision(await readDecision(path, region), region);
  assert.ok(fact);
  const decoded = decodeFact(builder.chain.context, fact);
  assert.ok(decoded.ok);
  builder.submit(decoded.value);
  builder.seal();
  assert.is(builder.state.finality.governance?.number, 1);
  writeFileSync(join(home, "chain.tally"), exportChain(builder.chain));
  const rules = await good("show rules --from chain.tally");
  assert.match(rules, /from epoch 2 on: blockSeconds 45, historyMin 10, code version 2/);
  assert.match(rules, /governors: 2 of 3/);
});

test("voters are named on the last final block, by who is struck or by who is to vote", async () => {
  const builder = governedChain(governors);
  const { final } = builder.chain;
  const [one, two, three, four] = VOTERS.map(({ did }) => toHex(did));
  const short = `${(one ?? "").slice(0, 12)},${two ?? ""}`;
  const said = await good(`governor propose --strike ${short} --from chain.tally --out voters.tally --json`);
  assert.match((JSON.parse(said) as { says: string }).says, new RegExp(`on final block ${final.serial} vote`));
  await good(`governor sign voters.tally --genesis genesis.tally --folder a`);
  await good(`governor sign voters.tally --genesis genesis.tally --folder b`);
  const region = await readGovernedRegion(join(home, "genesis.tally"));
  const fact = factOfDecision(await readDecision(join(home, "voters.tally"), region), region);
  assert.ok(fact);
  const decoded = decodeFact(builder.chain.context, fact);
  assert.ok(decoded.ok && decoded.value.kind === "RECONFIG");
  assert.equal(decoded.value.body.committee.map(toHex).sort(), [three, four].sort());
  builder.submit(decoded.value);
  await good(`governor propose --voters ${one ?? ""},${three ?? ""} --from chain.tally --out voters.tally`);
});

test("what is wrong is said with its code, and nothing is written", async () => {
  governedChain(governors);
  const wrong: readonly (readonly [string, number, RegExp])[] = [
    ["propose --from chain.tally", 64, /propose what/],
    ["propose fallback=false --from chain.tally", 64, /cannot change it/],
    ["propose blockSeconds=0 --from chain.tally", 64, /not a value/],
    ["propose relatedScope=some --from chain.tally", 64, /not a value/],
    ["propose historyMin=1 --epoch 1 --from chain.tally", 64, /FACT_TOO_SOON/],
    ["propose historyMin=1 --epoch 20000 --from chain.tally", 64, /at most 1002: no later decision/],
    ["propose historyMin=1 --voters aa --from chain.tally", 64, /decided apart/],
    ["propose --voters zz --from chain.tally", 64, /is none of/],
    ["sign genesis.tally --genesis genesis.tally --folder a", 65, /not a file of/],
    ["sign decision.tally --genesis plain/genesis.tally --folder a", 64, /FACT_NO_GOVERNORS/],
    ["sign decision.tally --genesis charger/genesis.tally --folder a", 65, /FACT_WRONG_NETWORK/],
    ["sign --genesis genesis.tally", 64, /missing/],
    ["vote decision.tally", 64, /governor what/],
    ["show decision.tally --genesis genesis.tally --folder a", 64, /takes no --folder/],
  ];
  for (const [words, code, expected] of wrong) {
    const said = await run(`governor ${words}`);
    assert.is(said.code, code, `${words}: ${said.err}`);
    assert.match(said.err, expected);
  }
  await good("governor propose historyMin=1 --from chain.tally --out one.tally");
  await good("governor sign one.tally --genesis genesis.tally --folder a");
  const bent = readFileSync(join(home, "one.tally"));
  writeFileSync(join(home, "bent.tally"), bent.with(bent.length - 1, (bent.at(-1) ?? 0) ^ 1));
  const said = await run("governor show bent.tally --genesis genesis.tally");
  assert.is(said.code, 65);
  assert.match(said.err, /FACT_BAD_SIGNATURE/);
});

test("a running gateway takes what governors have signed", async () => {
  const builder = governedChain(governors);
  await good("governor propose historyMin=1 --from chain.tally --out one.tally");
  for (const name of ["a", "b", "c"]) await good(`governor sign one.tally --genesis genesis.tally --folder ${name}`);
  const region = await readGovernedRegion(join(home, "genesis.tally"));
  const fact = factOfDecision(await readDecision(join(home, "one.tally"), region), region);
  assert.ok(fact);
  const taken: Uint8Array[] = [];
  const ledger = {
    chain: builder.chain,
    submit: (bytes: Uint8Array) => {
      taken.push(bytes);
      const decoded = decodeFact(builder.chain.context, bytes);
      assert.ok(decoded.ok);
      builder.submit(decoded.value);
      return Promise.resolve(decoded);
    },
  };
  const answer = await answerSubmit({ ledger } as unknown as Parameters<typeof answerSubmit>[0], { fact: toHex(fact) });
  assert.equal(answer, { ok: true, kind: "PARAMS", isNew: true });
  assert.is(builder.chain.mempool.size, 1);
});

test.run();
