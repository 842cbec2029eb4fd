/** JOINs from the mesh: strangers come in a few at a time, and an office renews certificates beside them. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { makeGenesis } from "#core/ledger/genesis.ts";
import { HARDENED_RULES } from "#core/ledger/rules.ts";
import { FactIntake } from "#services/fact-intake.ts";
import { ledgerBench } from "#test/builders/hostile-ledger.ts";
import { crypto, makeActor } from "#test/builders/ledger-actors.ts";
import { OPERATOR, STARTED_AT, STATION } from "#test/builders/ledger-builder.ts";
import { CERTIFIED, certificateOf, certifiedJoin, OTHER_OFFICE, renewal } from "#test/builders/membership-facts.ts";

const test = suite("fact intake");
const AT_ONCE = 64;

test("a flood of strangers does not keep an office's renewals waiting, and nobody else can use their way", async () => {
  const genesis = makeGenesis(crypto, {
    ...{ version: 2, name: "test region", startedAt: STARTED_AT, rules: HARDENED_RULES, membership: CERTIFIED },
    authorities: [[OPERATOR.inception, OPERATOR.organisation]],
  });
  const { ledger, clock, chain } = await ledgerBench(genesis);
  const { network } = genesis;
  const intake = new FactIntake({ ledger, clock });
  assert.is(await intake.take(certifiedJoin(network, STATION).bytes), undefined);
  const stranger = (number: number) => {
    const actor = makeActor(`stranger ${number}`, "vehicle");
    return certifiedJoin(network, actor, certificateOf(network, actor, {}, OTHER_OFFICE));
  };
  for (let number = 1; number < AT_ONCE; number += 1) await intake.take(stranger(number).bytes);
  assert.is(await intake.take(stranger(AT_ONCE).bytes), "SYNC_TOO_MANY_JOINS");
  const next = { notAfter: STARTED_AT + 20 * 86_400 };
  assert.is(await intake.take(renewal(network, STATION, next, OTHER_OFFICE).bytes), "FACT_BAD_JOIN");
  const renewed = renewal(network, STATION, next);
  assert.is(await intake.take(renewed.bytes), undefined);
  assert.ok(chain.mempool.get(renewed.key));
});

test.run();
