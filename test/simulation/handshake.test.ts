/** Two thousand handshakes over a bad mesh, each from its seed: what must hold after every one of them. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import {
  contextOf,
  offerOf,
  party,
  roundSecrets,
  startWith,
  stationContextOf,
} from "#test/builders/handshake-parties.ts";
import { SeededRandom } from "#hal/mock/seeded-random.ts";
import { HandshakeWorld, type Faults } from "#test/simulation/handshake-world.ts";

const SEEDS = 2000;

const vehicle = party("vehicle", "vehicle");
const station = party("station", "station");
const offer = offerOf(station);
const contexts = { vehicle: contextOf(vehicle), station: stationContextOf(station, [offer]) };
const CALM: Faults = { loss: 0, repetition: 0, damage: 0, delayMaxMs: 50, vehicleCrash: 0, stationCrash: 0 };
const NAMES = [vehicle.deviceId, vehicle.signer.publicKey].map(toHex);

/** Every seed has its own subset of faults, each from mild to severe. */
function faultsOf(seed: number): Faults {
  const random = new SeededRandom(`faults ${seed}`);
  const sometimes = (max: number): number => (random.next() < 0.5 ? random.between(0, max) : 0);
  return {
    loss: sometimes(0.7),
    repetition: sometimes(0.8),
    damage: sometimes(0.4),
    delayMaxMs: random.next() < 0.5 ? 50 : random.integer(50, 20_000),
    vehicleCrash: sometimes(0.3),
    stationCrash: sometimes(0.3),
  };
}

function play(seed: number, faults: Faults): HandshakeWorld {
  const world = new HandshakeWorld(seed, faults, contexts);
  const secrets = [1, 2, 3].map((round) => roundSecrets(`seed ${seed} round ${round}`));
  world.run(startWith(offer, { secrets }));
  return world;
}

/** What must hold whatever happened; the message names the seed. */
function check(seed: number, { committed, disks, sent }: HandshakeWorld, transcripts: Set<string>): void {
  const opens = [...disks.vehicle.opens, ...disks.station.opens].map(toHex);
  assert.ok(new Set(opens).size <= 1, `seed ${seed}: two different OPENs`);
  assert.ok(disks.station.opens.length <= 1, `seed ${seed}: the station opened twice`);
  const [own] = committed.vehicle;
  const [other] = committed.station;
  if (own !== undefined) assert.ok(disks.station.opens.length > 0, `seed ${seed}: the vehicle is alone with its OPEN`);
  if (disks.station.opens.length > 0) assert.ok(own, `seed ${seed}: the station's OPEN never reached the vehicle`);
  if (own !== undefined && other !== undefined) {
    assert.equal(own.open, other.open, `seed ${seed}`);
    assert.equal(own.address, other.address, `seed ${seed}`);
    assert.equal(own.body, other.body, `seed ${seed}`);
    if (own.channel && other.channel) assert.equal(own.channel, other.channel, `seed ${seed}`);
    const transcript = toHex(own.body.transcript);
    assert.not.ok(transcripts.has(transcript), `seed ${seed}: a transcript twice`);
    transcripts.add(transcript);
  }
  for (const message of sent.map(toHex)) {
    assert.not.ok(
      NAMES.some((name) => message.includes(name)),
      `seed ${seed}: the vehicle's name in clear`,
    );
  }
}

const test = suite("handshake simulation");

test("without faults both commit within a second", () => {
  for (let seed = 0; seed < 20; seed += 1) {
    const world = play(seed, CALM);
    check(seed, world, new Set());
    assert.ok(world.agreedMs !== undefined && world.agreedMs < 1000, `seed ${seed}: ${world.agreedMs} ms`);
  }
});

test("a fifth of the messages lost and five seconds of delay end in a contract for at least 95 of 100 seeds", () => {
  const faults = { ...CALM, loss: 0.2, delayMaxMs: 2500 };
  const worlds = Array.from({ length: 100 }, (_, seed) => play(seed, faults));
  for (const [seed, world] of worlds.entries()) check(seed, world, new Set());
  const agreed = worlds.filter(({ agreedMs }) => agreedMs !== undefined).length;
  assert.ok(agreed >= 95, `${agreed} of 100`);
});

test(`${SEEDS} seeds of loss, repetition, reordering, damage and power cuts: both commit the same or nobody charges`, () => {
  const transcripts = new Set<string>();
  let crashes = 0;
  let unanswered = 0;
  for (let seed = 0; seed < SEEDS; seed += 1) {
    const world = play(seed, faultsOf(seed));
    check(seed, world, transcripts);
    crashes += world.crashes;
    if (world.vehicle?.phase === "unanswered") unanswered += 1;
  }
  // The seeds must reach the cases that they are for.
  assert.ok(transcripts.size > SEEDS / 4, `${transcripts.size} contracts`);
  assert.ok(crashes > SEEDS / 4, `${crashes} crashes`);
  assert.ok(unanswered > 0, "no vehicle was left without an answer");
  console.log(`${transcripts.size} contracts, ${crashes} power cuts, ${unanswered} promises without an answer`);
});

test.run();
