/**
 * Records that real charging stations have signed, on three curves: all hold but the one that was tampered with, and
 * none holds with a digit changed. They lie beside the checkout, in shared/data.
 */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { judgeOcmf, type FoundRecord } from "#firmware/commands/ocmf/judge-ocmf.ts";
import { findRecords } from "#firmware/commands/ocmf/find-records.ts";

const FOLDER = fileURLToPath(new URL("../../../shared/data/ocmf/", import.meta.url));

/** Records of each file, and the kWh of its first whole transaction. */
const FILES = [
  ["OCMF_Test_Data_00.xml", 2, 0n, "ECDSA-secp256k1-SHA256"],
  ["keba_test.xml", 100, 0n, "ECDSA-secp256r1-SHA256"],
  ["ocmf_tariff_1.xml", 1, 0n, "ECDSA-secp256r1-SHA256"],
  ["test_ocmf_ebee_01.xml", 2, 0n, "ECDSA-secp256r1-SHA256"],
  ["test_ocmf_keba_kcp30.xml", 1, 100_000_000_000n, "ECDSA-secp256r1-SHA256"],
  ["test_ocmf_transaction_two_values.xml", 2, 9_123_100_000_000_000n, "ECDSA-secp192k1-SHA256"],
] as const;

const test = suite("recorded OCMF");

function recordsIn(name: string): readonly FoundRecord[] {
  const found = findRecords(readFileSync(`${FOLDER}${name}`));
  if (!found.ok) throw new Error(JSON.stringify(found.fault));
  return found.value.records;
}

function faultsIn(text: string): readonly unknown[] {
  const found = findRecords(new TextEncoder().encode(text));
  if (!found.ok) return [found.fault.rule];
  return judgeOcmf(found.value.records, undefined).records.map(({ fault }) => fault);
}

if (!existsSync(FOLDER)) {
  console.log("no recordings beside the checkout: the signed records of real stations are not verified");
  test.skip("the signatures of real stations hold");
} else {
  for (const [name, count, energy, algorithm] of FILES) {
    test(`${name}: every signature holds, and the transactions may be billed by`, () => {
      const { records, transactions } = judgeOcmf(recordsIn(name), undefined);
      assert.is(records.length, count);
      assert.equal(
        records.map(({ fault }) => fault).filter((fault) => fault !== undefined),
        [],
      );
      assert.is(records[0]?.record.signature.algorithm, algorithm);
      assert.is(transactions[0]?.transaction?.picoWh, energy);
      assert.equal(
        transactions.flatMap(({ broken }) => broken),
        [],
      );
    });
  }

  test("the record that somebody changed is refused as tampered with", () => {
    const { records } = judgeOcmf(recordsIn("test_ocmf_keba_kcp30_fail.xml"), undefined);
    assert.equal(
      records.map(({ fault }) => fault),
      ["OCMF_TAMPERED"],
    );
  });

  for (const name of ["test_ocmf_keba_kcp30.xml", "OCMF_Test_Data_00.xml", "test_ocmf_transaction_two_values.xml"]) {
    test(`${name}: no digit of payload, signature or key can be another`, () => {
      const xml = readFileSync(`${FOLDER}${name}`, "utf8");
      const [from, to] = [xml.indexOf("OCMF|"), xml.indexOf("</publicKey>")];
      let tried = 0;
      for (let place = from; place < to; place += 1) {
        const digit = xml[place] ?? "";
        if (!/\d/.test(digit) || isOutside(xml, place)) continue;
        tried += 1;
        const changed = `${xml.slice(0, place)}${(Number(digit) + 1) % 10}${xml.slice(place + 1)}`;
        assert.is.not(faultsIn(changed)[0], undefined, `at ${place}: ${xml.slice(place - 12, place + 3)}`);
      }
      assert.ok(tried > 200, `${tried} digits`);
    });
  }
}

test.run();

/** Between the record and its key there is only XML, which nobody has signed. */
function isOutside(xml: string, place: number): boolean {
  const before = xml.lastIndexOf("<", place);
  return xml.indexOf(">", before) > place;
}
