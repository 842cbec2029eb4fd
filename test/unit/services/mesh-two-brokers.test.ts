/** A gateway's end of the mesh with two brokers. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import type { MeshRoot, MeshTopic } from "#core/mesh/topics.ts";
import { meshRoot, topicName } from "#core/mesh/topics.ts";
import { decodeWrapper, encodeWrapper } from "#core/mesh/wrapper.ts";
import { SeededRandom } from "#hal/mock/seeded-random.ts";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import { MeshService } from "#services/mesh-service.ts";
import { Ear } from "#test/contract/message-bus.ts";
import { SimulatedBus } from "#test/simulation/simulated-bus.ts";

const test = suite("mesh service, two brokers");

const OWN = "01".repeat(32);
const TOKEN = "02".repeat(16);
const PEER = "03".repeat(32);
const ROOTS = ["home", "depot"].map((site) => meshRoot(new Uint8Array(8), site));
const FACT: MeshTopic = { kind: "fact", class: "mem" };

interface Said {
  readonly topic: string;
  readonly hops: number;
  readonly object: readonly number[];
}

class Site {
  readonly clock = new SimulatedClock();
  readonly brokers = ["home", "depot"].map(
    (name) => new SimulatedBus({ clock: this.clock, chance: new SeededRandom(name) }),
  );
  readonly events: string[] = [];
  /** What was published at each broker, by anybody. */
  readonly said: readonly Said[][] = [[], []];
  readonly mesh: MeshService;

  constructor() {
    this.mesh = new MeshService({
      connect: this.brokers.map((broker, place) => {
        return { name: `broker ${place}`, connect: broker.connect, site: rootOf(place).site };
      }),
      ...{ root: rootOf(0), did: OWN, token: TOKEN, clock: this.clock, crypto: new NodeCryptography() },
      emit: (name, event) => void this.events.push(`${name} ${JSON.stringify(event)}`),
    });
  }

  async start(): Promise<void> {
    for (const [place, broker] of this.brokers.entries()) {
      const filters = [
        `${topicName(rootOf(place), FACT).slice(0, -3)}+`,
        this.#name(place, { kind: "tip", node: id(OWN) }),
      ];
      const all = [...filters, this.#name(place, { kind: "reply", token: "04".repeat(16) })];
      await broker.connect("ff".repeat(32), all, {
        onConnection: () => undefined,
        onMessage: (topic, payload) => {
          const wrapped = decodeWrapper(payload);
          if (!wrapped.ok) throw new Error(wrapped.fault.code);
          const { hops, object } = wrapped.value;
          this.said[place]?.push({ topic: topic.split("/").slice(2).join("/"), hops, object: [...object] });
        },
      });
    }
    await this.mesh.start();
    await this.clock.runFor(100);
  }

  /** By a peer that is connected to this broker. */
  async say(place: number, topic: MeshTopic, object: number): Promise<void> {
    const ear = new Ear();
    const peer = await known(this.brokers[place]).connect(PEER, [], ear);
    await this.clock.runFor(10);
    peer.publish(this.#name(place, topic), encodeWrapper(0, Uint8Array.of(object)), { qos: 1, retain: false });
    await this.clock.runFor(10);
    await peer.close();
  }

  #name(place: number, topic: MeshTopic): string {
    return topicName(rootOf(place), topic);
  }
}

function rootOf(place: number): MeshRoot {
  return known(ROOTS[place]);
}

function id(did: string): string {
  return did.slice(0, 16);
}

test("its own word goes to both brokers, under the root of each one's site", async () => {
  const site = new Site();
  await site.start();
  site.mesh.publish(FACT, Uint8Array.of(7));
  await site.clock.runFor(10);
  assert.equal(site.said, [
    [{ topic: "home/tx/mem", hops: 0, object: [7] }],
    [{ topic: "depot/tx/mem", hops: 0, object: [7] }],
  ]);
});

test("a long answer goes back over the broker of the question, and not over the other", async () => {
  const site = new Site();
  site.mesh.handle("query", () => {
    site.mesh.publish({ kind: "reply", token: "04".repeat(16) }, new Uint8Array(5_000));
    return Promise.resolve(undefined);
  });
  await site.start();
  await site.say(1, { kind: "query", node: id(OWN) }, 9);
  assert.equal(
    site.said.map((said) => said.map(({ topic, object }) => [topic, object.length])),
    [[], [[`depot/r/${"04".repeat(16)}`, 5_000]]],
  );
});

test("a short answer goes back over both: the broker that brought the question may keep it back", async () => {
  const site = new Site();
  site.mesh.handle("query", (object) => {
    site.mesh.publish({ kind: "reply", token: "04".repeat(16) }, object);
    return Promise.resolve(undefined);
  });
  await site.start();
  await site.say(1, { kind: "query", node: id(OWN) }, 9);
  assert.equal(
    site.said.map((said) => said.length),
    [1, 1],
  );
});

test("what comes over both is handled once, and what is said again is handled again", async () => {
  const site = new Site();
  const handled: number[] = [];
  site.mesh.handle("query", (object) => {
    handled.push(object[0] ?? -1);
    return Promise.resolve(undefined);
  });
  await site.start();
  await site.say(0, { kind: "query", node: id(OWN) }, 1);
  await site.say(1, { kind: "query", node: id(OWN) }, 1);
  assert.equal(handled, [1]);
  await site.say(0, { kind: "query", node: id(OWN) }, 1);
  assert.equal(handled, [1, 1]);
});

test("what was verified while it was handled is carried to the other broker; what was not, is not", async () => {
  const site = new Site();
  site.mesh.handle("fact", (object, topic) => {
    if (object[0] === 1) site.mesh.carry(topic, object, PEER);
    return Promise.resolve(object[0] === 1 ? undefined : "FACT_BAD_SIGNATURE");
  });
  await site.start();
  await site.say(0, FACT, 1);
  await site.say(0, FACT, 2);
  await site.clock.runFor(1000);
  assert.equal(site.said[1], [{ topic: "depot/tx/mem", hops: 1, object: [1] }]);
  assert.is(site.said[0]?.length, 2, "nothing comes back to where it came from");
  assert.is(site.mesh.relayCounts?.carried, 1);
});

test("what came in an answer, or out of nowhere, is not carried", async () => {
  const site = new Site();
  site.mesh.handle("reply", (object) => {
    site.mesh.carry({ kind: "fact", class: "mem" }, object, PEER);
    return Promise.resolve(undefined);
  });
  await site.start();
  await site.say(0, { kind: "reply", token: TOKEN }, 1);
  site.mesh.carry({ kind: "fact", class: "mem" }, Uint8Array.of(2), PEER);
  await site.clock.runFor(1000);
  assert.equal(site.said, [[], []]);
});

test("each broker's coming and going is told by its name; the mesh is lost with the last one", async () => {
  const site = new Site();
  const tip: MeshTopic = { kind: "tip", node: id(OWN) };
  site.mesh.whenConnected(() => {
    site.mesh.publish(tip, Uint8Array.of(5));
  });
  await site.start();
  const up = (place: number, isUp: boolean): string => `brokerConnected {"broker":"broker ${place}","up":${isUp}}`;
  assert.equal(site.events.splice(0), [up(0, true), 'meshConnected {"up":true}', up(1, true)]);
  assert.equal(
    site.said.map(({ length }) => length),
    [1, 1],
    "each is greeted for itself",
  );
  site.brokers[0]?.stopBroker();
  await site.clock.runFor(10);
  assert.is(site.mesh.isConnected, true);
  site.brokers[1]?.stopBroker();
  await site.clock.runFor(10);
  assert.is(site.mesh.isConnected, false);
  const connectedMs = site.mesh.connectedMs;
  assert.ok(connectedMs >= 10);
  await site.clock.runFor(500);
  assert.is(site.mesh.connectedMs, connectedMs, "as long as none is there");
  site.brokers[1]?.startBroker();
  await site.clock.runFor(2000);
  assert.ok(site.mesh.connectedMs > connectedMs && site.mesh.connectedMs <= connectedMs + 2000);
  assert.equal(site.events, [
    up(0, false),
    up(1, false),
    'meshConnected {"up":false}',
    up(1, true),
    'meshConnected {"up":true}',
  ]);
  assert.equal(site.mesh.brokers, [
    { name: "broker 0", isUp: false },
    { name: "broker 1", isUp: true },
  ]);
});

test.run();

function known<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error("bug: the test names what is not there");
  return value;
}
