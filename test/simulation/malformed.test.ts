/** Nonsense on every topic: counted, told once and then rarely, and no harm to a charge that goes on meanwhile. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { encodeCbor } from "#core/wire/cbor.ts";
import { encodeWrapper } from "#core/mesh/wrapper.ts";
import { SeededRandom } from "#hal/mock/seeded-random.ts";
import { ChargeSimulation, type ChargeFaults } from "./charge-world.ts";
import { resultsOf } from "./simulate-charge.ts";

const QUIET: ChargeFaults = { bus: {}, crash: undefined, stationLies: 1, vehicleLies: 1, chargeMs: 600_000 };
const ROUNDS = 40;

const test = suite("malformed messages");

function topicsOf({ genesis, station, vehicle }: ChargeSimulation): readonly string[] {
  const root = `tally1/${toHex(genesis.network)}/sim`;
  const dids = [station, vehicle].map(({ identity }) => toHex(identity.did).slice(0, 16));
  const tokens = [station, vehicle].map(({ running }) => running?.mesh.token ?? "");
  return [
    ...["open", "rep", "fin", "mem", "evd"].map((kind) => `${root}/tx/${kind}`),
    ...dids.flatMap((did) => [`${root}/offer/${did}/1`, `${root}/hs/${did}`, `${root}/tip/${did}`, `${root}/q/${did}`]),
    ...tokens.map((token) => `${root}/r/${token}`),
    `${root}/blk`,
    `${root}/vote`,
  ];
}

function nonsense(random: SeededRandom): Uint8Array {
  const noise = Uint8Array.from({ length: random.integer(0, 400) }, () => random.integer(0, 255));
  const wrapped = noise.length === 0 ? noise : encodeWrapper(0, noise);
  const shaped = encodeWrapper(0, encodeCbor(new Map([[1, [random.integer(0, 9), noise.subarray(0, 32), "x", null]]])));
  const huge = new Uint8Array(70_000).fill(0x82);
  return random.pick([noise, wrapped, shaped, huge, new Uint8Array()]);
}

test("nonsense on every topic is counted and told rarely, and the charge is settled all the same", async () => {
  const simulation = new ChargeSimulation(5, QUIET);
  const { clock, world, bus, station, vehicle, story } = simulation;
  await clock.runUntilSettled(Promise.all([station.start(), vehicle.start()]));
  const random = new SeededRandom("nonsense");
  const everybody = [station, vehicle].map(({ identity }) => toHex(identity.did));
  clock.wakeAt(3_000, () => {
    world.plugIn("car", 1);
  });
  clock.wakeAt(QUIET.chargeMs, () => {
    world.change(() => {
      world.vehicle("car").endCharge();
    });
  });
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const topic of topicsOf(simulation)) bus.inject(topic, nonsense(random), everybody);
    await clock.runFor(20_000);
  }
  await clock.runFor(600_000);

  const counted = [...(station.running?.mesh.refusals.values() ?? [])].reduce((sum, count) => sum + count, 0);
  assert.ok(counted > ROUNDS * 5, `${counted} refusals counted`);
  const told = story.filter((line) => line.startsWith("08:") && line.includes("charger-1 refused")).length;
  assert.ok(told > 0 && told < counted / 5, `${told} lines for ${counted} refusals`);
  assert.equal(
    resultsOf(station).map(({ state }) => state),
    ["SETTLED"],
    story.slice(-20).join("\n"),
  );
});

test.run();
