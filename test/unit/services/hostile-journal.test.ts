/** What members sign against each other must never cost a gateway its own store. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readJournal } from "#core/ledger/journal.ts";
import { crypto, Forge, ledgerBench, regionOf, STATION, VEHICLE } from "#test/builders/hostile-ledger.ts";

const test = suite("hostile journal");

test("a vehicle that signed two different reports for one place does not make the store unreadable", async () => {
  const genesis = regionOf();
  const forge = new Forge(genesis);
  const { ledger, journal, chain } = await ledgerBench(genesis, VEHICLE);
  const { fact: open, address } = forge.open();
  const log = { address, role: "vehicle", previous: open.id } as const;
  const shown = forge.report(VEHICLE, { ...log, registerMilliWh: [7000] });
  const sealed = forge.report(VEHICLE, { ...log, registerMilliWh: [7001] });
  for (const fact of [forge.join(VEHICLE), open, shown]) assert.ok((await ledger.receive(fact.bytes)).ok);
  const block = forge.block(chain, [forge.join(VEHICLE), open, sealed], STATION);
  assert.ok((await ledger.receiveBlock(block)).ok);
  for (const origin of ["stored by ourselves", "from anybody"] as const) {
    const read = readJournal(crypto, journal.records, origin);
    assert.ok(read.ok, `${origin}: ${read.ok ? "" : JSON.stringify(read.fault)}`);
    assert.equal(read.value.chain.head.state.id, chain.head.state.id);
  }
});

test("two different completions of one side do not make the store unreadable", async () => {
  const genesis = regionOf();
  const forge = new Forge(genesis);
  const { ledger, journal, chain } = await ledgerBench(genesis, VEHICLE);
  const { fact: open, address } = forge.open();
  const report = forge.report(VEHICLE, { address, role: "vehicle", previous: open.id, registerMilliWh: [9000] });
  const before = { address, role: "vehicle", head: open.id, finalMilliWh: 7000 } as const;
  for (const fact of [forge.join(VEHICLE), open, report]) assert.ok((await ledger.receive(fact.bytes)).ok);
  const block = forge.block(chain, [forge.join(VEHICLE), open, forge.complete(VEHICLE, before)], STATION);
  assert.ok((await ledger.receiveBlock(block)).ok);
  const read = readJournal(crypto, journal.records, "from anybody");
  assert.ok(read.ok, read.ok ? "" : JSON.stringify(read.fault));
});

test("a fact that nobody signed is still found in a journal, also where it contradicts another", async () => {
  const genesis = regionOf();
  const forge = new Forge(genesis);
  const { ledger, journal } = await ledgerBench(genesis, VEHICLE);
  const { fact: open, address } = forge.open();
  const log = { address, role: "vehicle", previous: open.id } as const;
  const genuine = forge.report(VEHICLE, { ...log, registerMilliWh: [7000] });
  for (const fact of [forge.join(VEHICLE), open, genuine]) assert.ok((await ledger.receive(fact.bytes)).ok);
  const forged = forge.report(STATION, { ...log, registerMilliWh: [8000] });
  const records = [...journal.records, Uint8Array.of(0x46, ...forged.bytes)];
  const read = readJournal(crypto, records, "from anybody");
  assert.is(read.ok, false);
  if (!read.ok) assert.is(read.fault.code, "JOURNAL_FACT_UNPROVEN");
});

test.run();
