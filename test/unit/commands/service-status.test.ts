import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ServiceStatus } from "#firmware/commands/service-status.ts";
import { eventText } from "#firmware/commands/event-text.ts";

const test = suite("service status");

test("that the station charges another car stands in the line until the next contract", () => {
  const status = new ServiceStatus();
  const address = "ab".repeat(32);
  const contract = { address, station: "01".repeat(32), vehicle: "02".repeat(32), evse: 1 };
  status.take("started", { name: "car", did: contract.vehicle, serial: 7 });
  status.take("contractSigned", contract);
  status.take("bindingChecked", { address, outcome: "confirmed", code: "PATTERN_FOUND" });
  assert.is(status.text, "block 7, no mesh, 1 charge");
  const contradicted = { address, outcome: "contradicted", code: "PATTERN_ABSENT" } as const;
  status.take("bindingChecked", contradicted);
  status.take("completed", { address, role: "vehicle", reason: "another-car" });
  assert.is(status.text, "block 7, no mesh, cable: PATTERN_ABSENT");
  assert.match(
    eventText("bindingChecked", contradicted),
    /the station charges another car than this one, PATTERN_ABSENT$/,
  );
  assert.match(eventText("patternPlayed", { address, followed: false }), "did not follow");
  status.take("contractSigned", contract);
  assert.is(status.text, "block 7, no mesh, 1 charge");
});

test.run();
