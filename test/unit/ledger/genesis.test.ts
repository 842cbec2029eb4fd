/** The genesis names the network, and is refused when a part of it could not be kept. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { decodeGenesis, genesisBody, makeGenesis, type GenesisBody } from "#core/ledger/genesis.ts";
import { HARDENED_RULES, PAPER_RULES } from "#core/ledger/rules.ts";
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

test.run();
