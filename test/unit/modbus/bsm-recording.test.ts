/**
 * A frame of a real Bauer BSM-WS36A, decoded by its table. The recording lies beside the checkout, in shared/data, and
 * is not a part of it.
 */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { decodeMeterIdentity } from "#hal/meters/decode-meter-identity.ts";
import { identityRegisters } from "#hal/meters/map-registers.ts";
import { bauerBsmWs36a } from "#hal/meters/models/bauer-bsm-ws36a.ts";
import { registerSpan } from "#hal/protocols/modbus/register-map.ts";

const RECORDING = fileURLToPath(new URL("../../../../shared/data/modbus-rtu/bsm_ws36a_notation.json", import.meta.url));

interface Exchange {
  readonly address: number;
  readonly registers: readonly number[];
}

const test = suite("recorded bsm-ws36a");

test("it says who it is", () => {
  if (!existsSync(RECORDING)) {
    console.log("skipped: no recordings beside the checkout");
    return;
  }
  const { exchanges } = JSON.parse(readFileSync(RECORDING, "utf8")) as { readonly exchanges: readonly Exchange[] };
  const [exchange] = exchanges;
  if (exchange === undefined) throw new Error("the recording is empty");
  const words = new Map(
    identityRegisters(bauerBsmWs36a).map(({ register }) => {
      const { address, count } = registerSpan(register);
      const from = address - exchange.address;
      return [register, exchange.registers.slice(from, from + count)];
    }),
  );
  assert.equal(decodeMeterIdentity(bauerBsmWs36a, words), {
    ok: true,
    value: { model: "bauer-bsm-ws36a", serialNumber: "21070006", firmware: "1.9:32CA:AFF4" },
  });
});

test.run();
