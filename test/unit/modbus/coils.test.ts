/** Coils on the register bus: one is written and one or many are read, as words of 0 and 1. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { CellUnit } from "#hal/mock/modbus/charge-controllers/register-cells.ts";
import { answerLength, answerShapeOf, selfDeclaredLength } from "#hal/protocols/modbus/answer-shape.ts";
import { COIL_ON } from "#hal/ports/register-bus.ts";
import { openRtuLine, readOf, told } from "./rtu-line.ts";

const test = suite("coils");

function coilUnit(): { readonly unit: CellUnit; readonly states: boolean[] } {
  const states = Array.from({ length: 19 }, (_, index) => index % 3 === 0);
  const cells = states.map((_, index) => {
    const cell = {
      read: () => states[index] ?? false,
      write: (isOn: boolean) => {
        states[index] = isOn;
      },
    };
    return [400 + index, cell] as const;
  });
  return { unit: new CellUnit({ coils: new Map(cells) }), states };
}

test("one and many are read as 0 and 1, and none more than were asked for", async () => {
  const { unit, states } = coilUnit();
  const { clock, bus } = openRtuLine(new Map([[1, unit]]));
  for (const count of [1, 7, 8, 9, 19]) {
    const answer = await clock.runUntilSettled(bus.read(readOf(1, 400, { functionCode: 1, count })));
    assert.equal(told(answer), states.slice(0, count).map(Number));
  }
});

test("one is written and acknowledged; another word than on and off is refused by the device", async () => {
  const { unit, states } = coilUnit();
  const { clock, bus } = openRtuLine(new Map([[1, unit]]));
  const { count, ...place } = readOf(1, 401);
  assert.is(count, 2);
  for (const [word, isOn] of [
    [COIL_ON, true],
    [0, false],
  ] as const) {
    const written = await clock.runUntilSettled(bus.write({ ...place, functionCode: 5, words: [word] }));
    assert.ok(written.ok);
    assert.is(states[1], isOn);
  }
});

test("a coil that is not there is an exception with its address", async () => {
  const { clock, bus } = openRtuLine(new Map([[1, coilUnit().unit]]));
  const answer = await clock.runUntilSettled(bus.read(readOf(1, 900, { functionCode: 1, count: 1 })));
  assert.equal(answer, {
    ok: false,
    fault: { code: "BUS_EXCEPTION", unit: 1, functionCode: 1, address: 900, exception: 2 },
  });
});

test("the length of an answer with coils is known from its request, and from its own header", () => {
  const shape = answerShapeOf(Uint8Array.of(1, 1, 1, 144, 0, 9));
  assert.is(shape.bytes, 7);
  assert.is(answerLength(Uint8Array.of(1, 1, 2, 255, 1), shape), 7);
  assert.is(answerLength(Uint8Array.of(1, 1, 1, 255), shape), undefined, "it tells another length");
  assert.is(selfDeclaredLength(Uint8Array.of(1, 1, 3)), 8);
});

test.run();
