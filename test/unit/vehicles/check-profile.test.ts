/** Profiles that somebody wrote: the built-in ones are good, and each mistake is told with its place and why. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parse as parseToml } from "smol-toml";
import fc from "fast-check";

import { checkVehicleProfile } from "#hal/vehicles/check-profile.ts";
import { describeProfile } from "#hal/vehicles/describe-profile.ts";
import { vehicleProfile, vehicleProfiles } from "#hal/vehicles/registry.ts";

const test = suite("checking a vehicle profile");

test("every built-in profile passes, as it is and through JSON", () => {
  assert.is(vehicleProfiles.length, 15);
  for (const profile of vehicleProfiles) {
    assert.equal(checkVehicleProfile(profile), { ok: true, value: profile });
    assert.equal(checkVehicleProfile(JSON.parse(JSON.stringify(profile))), { ok: true, value: profile });
  }
});

test("no two profiles share a name or a short name, and each is found by all of its own in any case", () => {
  const names = vehicleProfiles.flatMap(({ name, aliases }) => [name, ...aliases]);
  assert.is(new Set(names).size, names.length);
  for (const profile of vehicleProfiles) {
    for (const name of [profile.name, ...profile.aliases]) assert.is(vehicleProfile(name.toUpperCase()), profile);
  }
  assert.is(vehicleProfile("beetle"), undefined);
});

test("the names that others rely on are there", () => {
  for (const [alias, name] of [
    ["kona", "hyundai-kona"],
    ["niro", "kia-niro-sg2"],
    ["ioniq5", "hyundai-ioniq-5"],
    ["ioniq28", "hyundai-ioniq-28"],
    ["eup", "vw-e-up"],
    ["id3", "vw-meb"],
    ["zoe-ph1", "renault-zoe-ph1"],
    ["zoe", "renault-zoe-ph2"],
    ["i3", "bmw-i3"],
    ["bolt", "chevrolet-bolt"],
    ["mg", "mg-zs-ev"],
    ["leaf", "nissan-leaf"],
    ["ipace", "jaguar-i-pace"],
    ["mache", "ford-mach-e"],
  ] as const) {
    assert.is(vehicleProfile(alias)?.name, name);
    assert.is(vehicleProfile(name)?.name, name);
  }
});

test("each profile can be told to people", () => {
  for (const profile of vehicleProfiles) {
    const lines = describeProfile(profile);
    for (const { request } of profile.requests) assert.ok(lines.some((line) => line.includes(request)));
    for (const line of lines) assert.ok(line.length <= 200 && !line.includes("undefined"), line);
  }
});

/** The least that is a profile: as a person writes it. */
const SMALLEST = `
name = "some-car"
covers = "A car of one's own"
currentMaxA = 400
powerMaxW = 150000

[charging]
any = [{ all = [{ quantity = "chargeState", values = [4, 6] }] }]

[[requests]]
ecu = { idBits = 11, requestId = "7E4", responseId = 0x7EC }
request = "22abcd"
pace = "power"
grade = "C"
dataBytesMin = 6

[requests.signals]
batteryVoltageV = { offset = 0, bytes = 2, divide = 10, invalid = [0xFFFF], min = 200, max = 450 }
batteryCurrentA = { offset = 2, bytes = 2, isSigned = true, divide = -10, min = -400, max = 400 }
chargeState = { offset = 4, bytes = 1, min = 0, max = 255 }
`;

test("a person's profile needs only what the car has, and may write identifiers in hex", () => {
  const checked = checkVehicleProfile(parseToml(SMALLEST));
  assert.ok(checked.ok, JSON.stringify(checked));
  const { requests, session, counter, plugged, cellCounts, charging } = checked.value;
  assert.equal(requests[0]?.ecu, { idBits: 11, requestId: 0x7e4, responseId: 0x7ec });
  assert.is(requests[0]?.request, "22ABCD");
  assert.equal([session, counter, plugged, cellCounts], [null, null, null, []]);
  assert.is(charging.any[0]?.heldMs, 0);
});

/** A replacement in the profile above, the place of the problem, and what is said about it. */
const MISTAKES: readonly (readonly [from: string, to: string, path: string, problem: RegExp])[] = [
  ['name = "some-car"', 'name = "Some Car!"', "name", /2 to 32 characters/],
  ['name = "some-car"', "", "name", /missing/],
  ["currentMaxA = 400", "currentMaxA = 4e9", "currentMaxA", /whole number from 10 to 5000/],
  ["powerMaxW = 150000", "powerMaxW = 150000\ncolour = 1", "colour", /no such key/],
  ["22abcd", "2eabcd", "requests[0].request", /Service 2E is not allowed/],
  ["22abcd", "310101", "requests[0].request", /Service 31 is not allowed/],
  ["22abcd", "2701", "requests[0].request", /Service 27 is not allowed/],
  ["22abcd", "1003", "requests[0].request", /Service 10 is not allowed/],
  ["22abcd", "22ab", "requests[0].request", /wrong length/],
  ["22abcd", "21abcd", "requests[0].request", /wrong length/],
  ["22abcd", "22F190", "requests[0].request", /private/],
  ["22abcd", "22xyzz", "requests[0].request", /hex/],
  ['"7E4"', '"7DF"', "requests[0].ecu.requestId", /every unit/],
  ['"7E4"', '"18DADBF1"', "requests[0].ecu.requestId", /does not fit in 11 bits/],
  ["0x7EC", "0x7E4", "requests[0].ecu.responseId", /does not answer under/],
  ["idBits = 11", "idBits = 12", "requests[0].ecu.idBits", /one of 11, 29/],
  ['pace = "power"', 'pace = "state"', "requests", /pace power/],
  ['pace = "power"', 'pace = "often"', "requests[0].pace", /one of power/],
  ["dataBytesMin = 6", "dataBytesMin = 3", "requests[0].signals.batteryCurrentA.offset", /ends at byte 4, but only 3/],
  ["dataBytesMin = 6", "dataBytesMin = 6\ndataBytesMax = 5", "requests[0].dataBytesMax", /less than/],
  ["offset = 0, bytes = 2", "offset = 0, bytes = 5", "requests[0].signals.batteryVoltageV.bytes", /1, 2, 3, 4/],
  ["divide = 10, invalid", "divide = 0, invalid", "requests[0].signals.batteryVoltageV.divide", /divided by 0/],
  ["[0xFFFF]", "[0x1FFFF]", "requests[0].signals.batteryVoltageV.invalid", /cannot be read from 2 bytes/],
  ["min = 200, max = 450", "min = 450, max = 200", "requests[0].signals.batteryVoltageV.min", /more than max/],
  ["divide = 10, invalid", "divide = 1000, invalid", "requests[0].signals.batteryVoltageV.min", /none of which/],
  ["batteryVoltageV =", "busVoltageV =", "requests", /No request tells batteryVoltageV/],
  ["batteryVoltageV =", "packVoltage =", "requests[0].signals.packVoltage", /no quantity of this name/],
  ["max = 400 }", 'max = 400, grade = "untrusted" }', "inlet", /nothing is measured/],
  ["values = [4, 6]", "values = [400]", "charging.any[0].all[0]", /can never hold/],
  ["values = [4, 6]", "min = 6, max = 4", "charging.any[0].all[0]", /can never hold/],
  ["values = [4, 6]", "mask = 4, min = 8, max = 8", "charging.any[0].all[0]", /never more than 4/],
  ['{ quantity = "chargeState", values = [4, 6] }', "", "charging.any[0].all", /always charge/],
  ['"chargeState", values', '"motorRpm", values', "charging.any[0].all[0]", /No request tells motorRpm/],
  ["powerMaxW = 150000", "powerMaxW = 150000\ncellCounts = [96]", "cellCounts", /cellVoltageMaxV/],
  ["powerMaxW = 150000", "powerMaxW = 150000\nsession = { type = 2 }", "session.type", /programming/],
  [
    "powerMaxW = 150000",
    "powerMaxW = 150000\ncounter = { resolutionMilliWh = 1000, includesRegeneration = true }",
    "counter",
    /No request tells chargedMilliWh/,
  ],
  [
    "chargeState = { offset = 4",
    "chargedMilliWh = { offset = 2, bytes = 4, multiply = 100000, min = 0, max = 1e12 }\nchargeState = { offset = 4",
    "counter",
    /resolution must be given/,
  ],
  [
    "powerMaxW = 150000",
    'powerMaxW = 150000\ninlet = [{ kind = "apparent", grade = "C", sumOf = [["batteryVoltageV"]] }]',
    "inlet[0].sumOf[0]",
    /no power/,
  ],
  [
    "powerMaxW = 150000",
    'powerMaxW = 150000\nplugged = { yes = { quantity = "plugState", min = 1, max = 1 } }',
    "plugged.yes",
    /No request tells plugState/,
  ],
];

for (const [from, to, path, problem] of MISTAKES) {
  test(`${from || "(nothing)"} → ${to || "(nothing)"}: ${path}`, () => {
    assert.ok(SMALLEST.includes(from));
    const checked = checkVehicleProfile(parseToml(SMALLEST.replace(from, to)));
    assert.ok(!checked.ok, "it passes");
    const found = checked.fault.find((each) => each.path === path);
    assert.ok(found !== undefined, JSON.stringify(checked.fault));
    assert.match(found.problem, problem);
  });
}

test("two sources of one quantity are one too many", () => {
  const second = SMALLEST.slice(SMALLEST.indexOf("[[requests]]")).replace("22abcd", "22abce");
  const checked = checkVehicleProfile(parseToml(SMALLEST + second));
  assert.ok(!checked.ok);
  assert.ok(
    checked.fault.some(({ path, problem }) => path.startsWith("requests[1]") && problem.includes("exactly one")),
  );
});

test("all problems are told at once", () => {
  const checked = checkVehicleProfile({ name: 1, requests: [{}], charging: null, currentMaxA: "much" });
  assert.ok(!checked.ok && checked.fault.length > 8);
});

test("whatever is given, the answer is a verdict, and never a profile that writes", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const checked = checkVehicleProfile(value);
      if (checked.ok) throw new Error("arbitrary data is no profile");
      return checked.fault.length > 0;
    }),
    { numRuns: 300 },
  );
});

test("a built-in profile with one part replaced by anything is either refused or still only reads", () => {
  const profiles = vehicleProfiles.map((profile) => JSON.stringify(profile));
  fc.assert(
    fc.property(fc.constantFrom(...profiles), fc.nat(), fc.jsonValue(), (text, place, value) => {
      const changed = replaceAt(JSON.parse(text), place, value);
      const checked = checkVehicleProfile(changed);
      if (!checked.ok) return true;
      return checked.value.requests.every(({ request }) => /^2[12]/.test(request));
    }),
    { numRuns: 500 },
  );
});

/** The leaf with this number, counted through the tree, replaced. */
function replaceAt(tree: unknown, place: number, value: unknown): unknown {
  let left = place % 200;
  const visit = (node: unknown): unknown => {
    if (typeof node !== "object" || node === null) {
      left -= 1;
      return left === -1 ? value : node;
    }
    if (Array.isArray(node)) return node.map(visit);
    return Object.fromEntries(Object.entries(node).map(([key, child]) => [key, visit(child)]));
  };
  return visit(tree);
}

test.run();
