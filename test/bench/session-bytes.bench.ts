/**
 * Bytes of one charge on the mesh, in the chain and on flash: `node test/bench/session-bytes.bench.ts [MINUTES]`, 40 by
 * default, as section 5.1 of the protocol counts it. The services of a real station and a real vehicle play it with
 * simulated devices and time; every message is counted where it is published. What a region says of itself whether
 * somebody charges or not (tips, JOINs, votes) is told apart.
 */
import { isSessionFact } from "#core/ledger/fact.ts";
import { blockRecordOf, factRecord } from "#core/ledger/journal-record.ts";
import { meshRoot, rootName } from "#core/mesh/topics.ts";
import type { ConnectBus } from "#core/mesh/message-bus.ts";
import type { FlashStep } from "#test/builders/traced-flash.ts";
import { ChargeSimulation, type ChargeFaults } from "#test/simulation/charge-world.ts";

const minutes = Number(process.argv[2] ?? 40);
const steps: Record<"station" | "vehicle" | "arbiter", FlashStep[]> = { station: [], vehicle: [], arbiter: [] };
const faults: ChargeFaults = {
  ...{ bus: {}, crash: undefined, stationLies: 1, vehicleLies: 1, chargeMs: minutes * 60_000 },
  flashSteps: steps,
};
const simulation = new ChargeSimulation(7, faults);
const { clock, station, vehicle, world, bus } = simulation;
const published: { readonly word: string; readonly bytes: number }[] = [];
const root = rootName(meshRoot(simulation.genesis.network, "sim"));
const connect = bus.connect.bind(bus);
const counted: ConnectBus = async (...client) => {
  const line = await connect(...client);
  return {
    publish: (topic, payload, options) => {
      published.push({ word: topic.slice(root.length + 1).split("/")[0] ?? "", bytes: payload.length });
      line.publish(topic, payload, options);
    },
    close: () => line.close(),
  };
};
Object.assign(bus, { connect: counted });

await clock.runUntilSettled(Promise.all([station.start(), vehicle.start()]));
await clock.runFor(5 * 60_000);
const [begin, fromMs] = [published.length, clock.monotonicMs()];
world.plugIn("car", 1);
await clock.runFor(minutes * 60_000);
world.change(() => {
  world.vehicle("car").endCharge();
});
await clock.runFor(60_000);
world.unplug("car");
await clock.runFor(5 * 60_000);

const chain = station.running?.ledger.chain;
if (chain === undefined) throw new Error("bug of the bench: the station does not run");
const links = Array.from({ length: chain.head.serial }, (_, place) => chain.at(place + 1));
const blocks = links.flatMap((link) => link?.block ?? []);
const charged = blocks.filter(({ facts }) => facts.some((fact) => isSessionFact(fact) || fact.kind === "OPEN"));
const facts = blocks.flatMap((block) => block.facts).filter((fact) => isSessionFact(fact) || fact.kind === "OPEN");
const reports = facts.filter(({ kind }) => kind === "REPORT").length;
const results = links.reduce((sum, link) => sum + (link?.results.length ?? 0), 0);
if (results === 0) throw new Error(`bug of the bench: no charge was settled\n${simulation.story.join("\n")}`);
console.log(`a charge of ${minutes} minutes, ${reports} reports of both sides, ${results} result`);

const words = new Map<string, { count: number; bytes: number }>();
for (const { word, bytes } of published.slice(begin)) {
  const row = words.get(word) ?? { count: 0, bytes: 0 };
  words.set(word, { count: row.count + 1, bytes: row.bytes + bytes });
}
for (const [word, { count, bytes }] of words) console.log(`  mesh ${word.padEnd(8)} ${count} publishes, ${bytes} B`);
const OF_CHARGE = ["offer", "hs", "tx", "q", "r"];
const sumOf = (isMeant: (word: string) => boolean): string => {
  const rows = [...words].filter(([word]) => isMeant(word)).map(([, row]) => row);
  const [bytes, count] = [rows.reduce((sum, row) => sum + row.bytes, 0), rows.reduce((sum, row) => sum + row.count, 0)];
  return `${bytes} B in ${count} publishes`;
};
console.log(
  `mesh: ${sumOf((word) => OF_CHARGE.includes(word))} for the charge (protocol: 6.5 kB in about 25), ` +
    `${sumOf((word) => word === "blk")} for ${blocks.length} blocks; tips and votes are the region's`,
);

const ofFacts = facts.reduce((sum, fact) => sum + factRecord(fact).length, 0);
const ofBlocks = charged.reduce((sum, block) => sum + blockRecordOf(block).length, 0);
console.log(
  `chain: ${ofFacts} B of facts (protocol: 4.3 kB to 4.9 kB), and ${ofBlocks} B of the ${charged.length} blocks ` +
    `that hold them, which a busier region shares`,
);
for (const who of ["station", "vehicle"] as const) {
  const written = steps[who].filter(({ what, atMs }) => what === "write" && atMs >= fromMs);
  const files = new Map<string, number>();
  for (const { folder, file, bytes } of written) {
    const name = `${folder}/${file.replace(/-.*/, "")}`;
    files.set(name, (files.get(name) ?? 0) + bytes);
  }
  console.log(`flash of the ${who}: ${[...files].map(([name, bytes]) => `${name} ${bytes} B`).join(", ")}`);
}
