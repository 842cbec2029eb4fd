/** Faults of the connection to the broker, as an operator hears of them. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { tellBusFaults } from "#firmware/tell-bus-faults.ts";
import type { EmitEvent } from "#services/events.ts";

const test = suite("bus faults");

function told(): { readonly lines: string[]; readonly emit: EmitEvent } {
  const lines: string[] = [];
  return { lines, emit: (name, event) => void lines.push(`${name} ${JSON.stringify(event)}`) };
}

test("what is wrong is told with its reason, and again only at the tenth and the hundredth time", () => {
  const { lines, emit } = told();
  const tell = tellBusFaults(emit);
  for (let count = 0; count < 100; count += 1) tell({ code: "BUS_UNREACHABLE", reason: "self-signed certificate" });
  const event = { what: "connection to the broker (self-signed certificate)", code: "BUS_UNREACHABLE" };
  assert.equal(
    lines,
    [1, 10, 100].map((count) => `refused ${JSON.stringify({ ...event, count })}`),
  );
});

test("another reason is another fault, and a refused subscription names its filter", () => {
  const { lines, emit } = told();
  const tell = tellBusFaults(emit);
  tell({ code: "BUS_REFUSED", returnCode: 5 });
  tell({ code: "BUS_FILTER_REFUSED", filter: "tally1/+/blk" });
  tell({ code: "MQTT_MALFORMED", bytes: 0 });
  assert.is(lines.length, 3);
  assert.match(lines[0] ?? "", /return code 5/);
  assert.match(lines[1] ?? "", /subscription tally1\/\+\/blk/);
});

test("reasons without end take no memory without end", () => {
  const { lines, emit } = told();
  const tell = tellBusFaults(emit);
  for (let port = 0; port < 1000; port += 1) tell({ code: "BUS_UNREACHABLE", reason: `port ${port}` });
  tell({ code: "BUS_UNREACHABLE", reason: "port 0" });
  assert.is(lines.length, 1001, "the first ones have been forgotten");
});

test.run();
