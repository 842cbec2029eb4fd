/** Setting an adapter up and finding out what it can do, without an adapter: replies in, commands out. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import {
  type AdapterCapabilities,
  capabilitiesOf,
  PROBE_COMMANDS,
} from "#hal/protocols/obd/elm327/adapter-capabilities.ts";
import {
  acceptSetupReply,
  capabilitiesAfter,
  nextSetupStep,
  type SetupMemory,
  type SetupState,
  startSetup,
} from "#hal/protocols/obd/elm327/adapter-setup.ts";

const test = suite("elm327 setup");

type Say = (command: string) => string;

const BANNER = "\r\r\rELM327 v1.5\r\r";

/** Knows all there is, and not what there is not. */
const genuine: Say = (command) => {
  if (command === "ATZ") return BANNER;
  if (command === "ATRV") return "12.6V\r\r";
  return command === "ATXYZ" || command.startsWith("ST") ? "?\r\r" : "OK\r\r";
};

function feed(state: SetupState, text: string): SetupState {
  const next = acceptSetupReply(state, text);
  assert.ok(next.ok, text);
  return next.value;
}

function run(
  say: Say,
  memory?: SetupMemory,
): { readonly sent: readonly string[]; readonly capabilities: AdapterCapabilities } {
  let state = startSetup(memory);
  const sent: string[] = [];
  for (let step = nextSetupStep(state); step !== undefined && sent.length < 100; step = nextSetupStep(state)) {
    sent.push(step.command);
    state = feed(state, say(step.command));
  }
  return { sent, capabilities: capabilitiesAfter(state) };
}

test("a genuine adapter can do all but STN's own", () => {
  assert.equal(run(genuine).capabilities, {
    banner: "ELM327 v1.5",
    stnVersion: null,
    stnDevice: null,
    saysOkToAnything: false,
    setsTimeout: true,
    adaptsTimeout: true,
    longCommands: true,
    rawFrames: true,
    extendedAddress: true,
    ownFlowControl: true,
    setsPriority: true,
    measuresSupply: true,
  });
});

test("what is answered with a question mark it cannot do", () => {
  const poor = run((command) => (/^AT(?:AL|CAF|CEA|FCSM1|CP|RV|AT1|ST)/.test(command) ? "?\r\r" : genuine(command)));
  const { banner, saysOkToAnything, ...abilities } = poor.capabilities;
  assert.is(banner, "ELM327 v1.5");
  assert.is(saysOkToAnything, false);
  assert.ok(
    Object.values(abilities).every((value) => value === false || value === null),
    JSON.stringify(abilities),
  );
});

test("an adapter that says OK to nonsense is not believed about framing and addresses", () => {
  const { capabilities } = run((command) => (command === "ATZ" ? BANNER : "OK\r\r"));
  assert.is(capabilities.saysOkToAnything, true);
  assert.is(capabilities.rawFrames, false);
  assert.is(capabilities.extendedAddress, false);
  assert.is(capabilities.measuresSupply, false);
  assert.is(capabilities.stnVersion, null);
});

test("an STN chip is known by its own word, not by the banner it imitates", () => {
  const stn = run((command) => {
    if (command === "STI") return "STN1110 v4.0.4\r\r";
    return command === "STDI" ? "OBDLink SX r4.2\r\r" : genuine(command);
  });
  assert.is(stn.capabilities.stnVersion, "STN1110 v4.0.4");
  assert.is(stn.capabilities.stnDevice, "OBDLink SX r4.2");
});

test("probing leaves framing and flow control as they were", () => {
  const { sent } = run(genuine);
  assert.ok(sent.indexOf("ATCAF1") > sent.indexOf("ATCAF0"));
  assert.ok(sent.indexOf("ATFCSM0") > sent.indexOf("ATFCSM1"));
  assert.not.ok(
    sent.some((command) => !/^(?:AT|ST)/.test(command)),
    "nothing goes to the bus",
  );
});

test("the same adapter is probed once, another one anew", () => {
  const known = run(genuine).capabilities;
  const again = run(genuine, { known, deadly: new Set() });
  assert.equal(again.sent, ["ATZ", "ATE0", "ATL0", "ATS0", "ATH1", "ATAL", "ATAT1", "ATST32"]);
  assert.is(again.capabilities, known);
  const other = run((command) => (command === "ATZ" ? "ELM327 v2.1\r\r" : genuine(command)), {
    known,
    deadly: new Set(),
  });
  assert.is(other.sent.length, 8 + PROBE_COMMANDS.length);
  assert.is(other.capabilities.banner, "ELM327 v2.1");
});

test("a garbled reply takes no ability away", () => {
  let garbles = 0;
  const noisy = run((command) => {
    if (command !== "ATFCSM1" || garbles > 0) return genuine(command);
    garbles += 1;
    return "O\u00b7\r\r";
  });
  assert.is(noisy.capabilities.ownFlowControl, true);
  const silent = run((command) => (command === "ATFCSM1" ? "" : genuine(command)));
  assert.is(silent.capabilities.ownFlowControl, false);
});

test("a command that silences the adapter is left out and counts as unknown", () => {
  const { sent, capabilities } = run(genuine, { known: undefined, deadly: new Set(["ATCAF0", "ATAL"]) });
  assert.not.ok(sent.includes("ATCAF0") || sent.includes("ATAL"));
  assert.is(sent.length, 6 + PROBE_COMMANDS.length);
  assert.is(capabilities.rawFrames, false);
  assert.is(capabilities.ownFlowControl, true);
});

test("setting up survives junk in front of the reset and starts over when the adapter does", () => {
  let state = startSetup();
  state = feed(state, "?");
  assert.is(nextSetupStep(state)?.command, "ATZ");
  state = feed(state, `ATZ${BANNER}`);
  assert.is(state.banner, "ELM327 v1.5");
  assert.is(nextSetupStep(state)?.command, "ATE0");
  state = feed(state, "ATE0\rOK\r\r");
  state = feed(state, BANNER);
  assert.is(nextSetupStep(state)?.command, "ATZ");
  state = feed(state, BANNER);
  while (nextSetupStep(state)?.command !== "ATH1") state = feed(state, "OK\r\r");
  state = feed(state, "LV RESET\r\r");
  assert.is(nextSetupStep(state)?.command, "ATZ");
});

test("what never gives a banner is not an adapter", () => {
  let state = startSetup();
  for (let attempt = 0; attempt < 3; attempt += 1) state = feed(state, "login:");
  const last = acceptSetupReply(state, "login:");
  assert.equal(last, { ok: false, fault: { code: "ADAPTER_UNKNOWN", command: "ATZ", reply: "login:" } });
});

test("without any reply nothing is claimed", () => {
  const { banner, ...abilities } = capabilitiesOf("ELM327 v1.5", new Map());
  assert.is(banner, "ELM327 v1.5");
  assert.ok(Object.values(abilities).every((value) => value === false || value === null));
});

test.run();
