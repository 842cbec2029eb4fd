/** The genesis names the network, and is refused when a part of it could not be kept. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { concatBytes, toHex } from "#base/bytes.ts";
import { decodeGenesis, genesisBody, makeGenesis, type GenesisBody } from "#core/ledger/genesis.ts";
import { readJournal } from "#core/ledger/journal.ts";
import { HARDENED_RULES, PAPER_RULES } from "#core/ledger/rules.ts";
import { StoredJournal } from "#core/ledger/stored-journal.ts";
import { stateOfGenesis } from "#core/ledger/state.ts";
import { encodeCbor, isMap, type CborValue } from "#core/wire/cbor.ts";
import { crypto } from "#test/builders/ledger-actors.ts";
import { OPERATOR, STARTED_AT, STATION } from "#test/builders/ledger-builder.ts";

const BODY: GenesisBody = {
  version: 1,
  name: "Nordstadt",
  startedAt: STARTED_AT,
  rules: HARDENED_RULES,
  authorities: [[OPERATOR.inception, "Stadtwerke"]],
};

const test = suite("genesis");

test("it comes back as it was; every field of it changes the network", () => {
  const genesis = makeGenesis(crypto, BODY);
  assert.equal(decodeGenesis(crypto, genesis.bytes), { ok: true, value: genesis });
  const others: readonly Partial<GenesisBody>[] = [
    { name: "Nordstadt " },
    { startedAt: STARTED_AT + 1 },
    { rules: PAPER_RULES },
    { rules: { ...HARDENED_RULES, historyMin: 21 } },
    { authorities: [[OPERATOR.inception, "Stadtwerke "]] },
    { authorities: [[STATION.inception, "Stadtwerke"]] },
  ];
  const networks = others.map((changes) => toHex(makeGenesis(crypto, { ...BODY, ...changes }).network));
  assert.is(new Set([...networks, toHex(genesis.network)]).size, others.length + 1);
});

test("authorities are members from the start, and nobody else", () => {
  const state = stateOfGenesis(crypto, makeGenesis(crypto, BODY));
  assert.equal([...state.members.entries().keys()], [toHex(OPERATOR.did)]);
  assert.equal([...state.authorities], [toHex(OPERATOR.did)]);
  assert.is(state.members.get(toHex(OPERATOR.did))?.organisation, "Stadtwerke");
});

test("what could not be kept is refused: nobody who could seal, text that moves what stands around it", () => {
  const refused: readonly (readonly [number, CborValue, string])[] = [
    [1, 3, "version"],
    [1, 2, ""],
    [
      6,
      new Map<number, CborValue>([
        [1, [OPERATOR.signer.publicKey]],
        [2, false],
        [3, false],
      ]),
      "",
    ],
    [2, "\u001b[2JNordstadt", "name"],
    [2, "a".repeat(65), "name"],
    [4, new Map(), "rules"],
    [5, [], "authorities"],
    [5, [[new Uint8Array(72), "Stadtwerke"]], "authorities.0.0"],
    [5, [[OPERATOR.inception.subarray(1), "Stadtwerke"]], "authorities.0.0"],
    [5, [[OPERATOR.inception, "\u202eStadtwerke"]], "authorities.0.1"],
    [5, [[OPERATOR.inception, "a".repeat(33)]], "authorities.0.1"],
    [5, Array.from({ length: 33 }, () => [OPERATOR.inception, ""]), "authorities"],
  ];
  const item = genesisBody.write(BODY);
  assert.ok(isMap(item));
  for (const [key, value, path] of refused) {
    const read = decodeGenesis(crypto, encodeCbor(new Map(item).set(key, value)));
    assert.ok(!read.ok && read.fault.code === "WIRE_WRONG_SHAPE", path);
    assert.ok(read.fault.path.startsWith(path), `${read.fault.path} is not ${path}`);
  }
});

test("a region from before there was finality is told from a damaged one, and so is a journal that begins with it", () => {
  const item = genesisBody.write(BODY);
  assert.ok(isMap(item));
  const rules = item.get(4);
  assert.ok(rules !== undefined && isMap(rules));
  const earlier = new Map([...rules].filter(([key]) => key <= 16));
  const encoded = encodeCbor(new Map(item).set(4, earlier));
  const read = decodeGenesis(crypto, encoded);
  assert.equal(read, { ok: false, fault: { code: "GENESIS_OF_EARLIER_FORM" } });
  const record = concatBytes(Uint8Array.of(0x47), encoded);
  const expected = { code: "JOURNAL_OF_EARLIER_FORM", record: 0 };
  for (const origin of ["from anybody", "stored by ourselves"] as const) {
    assert.equal(readJournal(crypto, [record], origin), { ok: false, fault: expected });
  }
  const archive = { note: () => undefined, has: () => false, read: () => undefined, hasRotten: () => false };
  assert.equal(new StoredJournal(crypto, archive).take(record, 0), { ok: false, fault: expected });
  const damaged = decodeGenesis(crypto, encodeCbor(new Map(item).set(4, new Map([...earlier].slice(1)).set(40, 1))));
  assert.is(damaged.ok ? undefined : damaged.fault.code, "WIRE_WRONG_SHAPE");
});

test("rules of finality have their limits", () => {
  const refused = [
    { checkpointBlocks: 0 },
    { checkpointBlocks: 1001 },
    { committeeMax: 0 },
    { committeeMax: 32 },
    { epochCheckpoints: 0 },
    { epochCheckpoints: 10_001 },
  ];
  for (const changes of refused) {
    assert.throws(() => makeGenesis(crypto, { ...BODY, rules: { ...HARDENED_RULES, ...changes } }));
  }
});

test.run();
