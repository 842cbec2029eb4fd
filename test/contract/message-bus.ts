/** What every message bus keeps of the port's promises, whatever carries it: one suite, run on each. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { ConnectBus, MessageBus } from "#core/mesh/message-bus.ts";
import { MESH_PAYLOAD_BYTES_MAX } from "#core/limits.ts";
import { meshRoot, topicName } from "#core/mesh/topics.ts";

/** A broker of its own for each test. */
export interface BusWorld {
  readonly connect: ConnectBus;
  /** A client id that the broker lets in; the same number gives the same id. */
  clientId(number: number): string;
  stopBroker(): Promise<void>;
  startBroker(): Promise<void>;
  /** Lets time pass until the condition holds, for at most the given time. Returns whether it holds. */
  until(condition: () => boolean, atMostMs?: number): Promise<boolean>;
  close(): Promise<void>;
  /** Whether a second client with a connected id is refused. MQTT lets it in and puts the first out. */
  readonly firstClientStays: boolean;
}

export const ROOT = meshRoot(Uint8Array.of(0xde, 0xad, 0xbe, 0xef, 0, 1, 2, 3), "depot-1");

/** A client that writes down what it hears. */
export class Ear {
  readonly heard: { readonly topic: string; readonly text: string; readonly bytes: number }[] = [];
  readonly connections: boolean[] = [];
  bus: MessageBus | undefined;

  get isUp(): boolean {
    return this.connections.at(-1) === true;
  }

  texts(topic?: string): readonly string[] {
    return this.heard.filter((message) => topic === undefined || message.topic === topic).map(({ text }) => text);
  }

  say(topic: string, text: string, retain = false): void {
    this.bus?.publish(topic, new TextEncoder().encode(text), { qos: 1, retain });
  }

  onMessage(topic: string, payload: Uint8Array): void {
    this.heard.push({ topic, text: new TextDecoder().decode(payload.subarray(0, 64)), bytes: payload.length });
  }

  onConnection(up: boolean): void {
    this.connections.push(up);
  }
}

export async function dial(world: BusWorld, number: number, filters: readonly string[]): Promise<Ear> {
  const ear = new Ear();
  ear.bus = await world.connect(world.clientId(number), filters, ear);
  return ear;
}

export async function dialUntilUp(world: BusWorld, number: number, filters: readonly string[]): Promise<Ear> {
  const ear = await dial(world, number, filters);
  assert.ok(await world.until(() => ear.isUp), `client ${number} is connected`);
  return ear;
}

export function messageBusContract(name: string, makeWorld: () => Promise<BusWorld>): void {
  const test = suite(`message bus: ${name}`);
  const open = topicName(ROOT, { kind: "fact", class: "open" });
  const report = topicName(ROOT, { kind: "fact", class: "rep" });
  const facts = `tally1/${ROOT.network}/${ROOT.site}/tx/+`;

  const claim = (text: string, prove: (world: BusWorld, dialled: Ear[]) => Promise<void>): void => {
    test(text, async () => {
      const world = await makeWorld();
      const dialled: Ear[] = [];
      try {
        await prove(world, dialled);
      } finally {
        for (const ear of dialled) await ear.bus?.close();
        await world.close();
      }
    });
  };

  claim("a message reaches who subscribed to its topic, and nobody else", async (world, dialled) => {
    const [anna, bert, carl] = [
      await dialUntilUp(world, 1, []),
      await dialUntilUp(world, 2, [open]),
      await dialUntilUp(world, 3, [report]),
    ];
    dialled.push(anna, bert, carl);
    anna.say(open, "one");
    anna.say(report, "two");
    assert.ok(await world.until(() => bert.heard.length > 0 && carl.heard.length > 0));
    assert.equal(bert.texts(), ["one"]);
    assert.equal(carl.texts(), ["two"]);
    assert.equal(anna.texts(), []);
  });

  claim("a wildcard filter takes every topic of its level", async (world, dialled) => {
    const [anna, bert] = [await dialUntilUp(world, 1, []), await dialUntilUp(world, 2, [facts])];
    dialled.push(anna, bert);
    anna.say(open, "one");
    anna.say(report, "two");
    anna.say(topicName(ROOT, { kind: "vote" }), "three");
    assert.ok(await world.until(() => bert.heard.length >= 2));
    await world.until(() => bert.heard.length > 2, 100);
    assert.equal([...bert.texts()].sort(), ["one", "two"]);
  });

  claim("who comes later hears what was retained last, and nothing that was not retained", async (world, dialled) => {
    const anna = await dialUntilUp(world, 1, []);
    const tip = topicName(ROOT, { kind: "tip", node: world.clientId(1).slice(0, 16) });
    dialled.push(anna);
    anna.say(tip, "old", true);
    anna.say(tip, "new", true);
    anna.say(open, "gone");
    const witness = await dialUntilUp(world, 2, [`tally1/${ROOT.network}/${ROOT.site}/tip/+`]);
    dialled.push(witness);
    assert.ok(await world.until(() => witness.texts().includes("new")));
    const bert = await dialUntilUp(world, 3, [tip, open]);
    dialled.push(bert);
    assert.ok(await world.until(() => bert.heard.length > 0));
    assert.equal(bert.texts(), ["new"]);
    anna.say(tip, "", true);
    assert.ok(await world.until(() => bert.texts().includes("")));
    const carl = await dialUntilUp(world, 4, [tip]);
    dialled.push(carl);
    await world.until(() => carl.heard.length > 0, 100);
    assert.equal(carl.texts(), []);
  });

  claim("connecting to a broker that is not there yet succeeds when it comes", async (world, dialled) => {
    await world.stopBroker();
    const anna = await dial(world, 1, [open]);
    dialled.push(anna);
    assert.ok(await world.until(() => anna.connections.length > 0));
    assert.equal(anna.connections, [false]);
    await world.startBroker();
    assert.ok(await world.until(() => anna.isUp));
    assert.equal(anna.connections, [false, true]);
  });

  claim(
    "after the broker was away the subscriptions hold again, and what was said meanwhile is gone",
    async (world, dialled) => {
      const [anna, bert] = [await dialUntilUp(world, 1, []), await dialUntilUp(world, 2, [facts])];
      dialled.push(anna, bert);
      await world.stopBroker();
      assert.ok(await world.until(() => !anna.isUp && !bert.isUp));
      anna.say(open, "into the void");
      await world.startBroker();
      assert.ok(await world.until(() => anna.isUp && bert.isUp));
      anna.say(open, "back");
      assert.ok(await world.until(() => bert.heard.length > 0));
      assert.equal(bert.texts(), ["back"]);
      assert.equal(bert.connections, [true, false, true]);
    },
  );

  claim(
    "a message of the greatest length passes, one byte more does not, and the connection stays",
    async (world, dialled) => {
      const [anna, bert] = [await dialUntilUp(world, 1, []), await dialUntilUp(world, 2, [facts])];
      dialled.push(anna, bert);
      anna.bus?.publish(open, new Uint8Array(MESH_PAYLOAD_BYTES_MAX + 1), { qos: 1, retain: false });
      anna.bus?.publish(open, new Uint8Array(MESH_PAYLOAD_BYTES_MAX), { qos: 1, retain: false });
      anna.say(open, "after");
      assert.ok(await world.until(() => bert.texts().includes("after")));
      assert.equal(
        bert.heard.map(({ bytes }) => bytes),
        [MESH_PAYLOAD_BYTES_MAX, 5],
      );
      assert.ok(anna.isUp && bert.isUp);
    },
  );

  claim("a closed bus hears nothing and says nothing", async (world, dialled) => {
    const [anna, bert] = [await dialUntilUp(world, 1, []), await dialUntilUp(world, 2, [facts])];
    const carl = await dialUntilUp(world, 3, [facts]);
    dialled.push(anna, carl);
    await bert.bus?.close();
    bert.say(open, "from the grave");
    anna.say(open, "alive");
    assert.ok(await world.until(() => carl.heard.length > 0));
    assert.equal(carl.texts(), ["alive"]);
    assert.equal(bert.texts(), []);
    assert.equal(bert.connections, [true], "closing is no loss of the connection");
  });

  claim("a message is heard once by one client id, however many use it", async (world, dialled) => {
    const speaker = await dialUntilUp(world, 1, []);
    const first = await dialUntilUp(world, 2, [facts]);
    const second = await dial(world, 2, [facts]);
    dialled.push(speaker, first, second);
    assert.ok(await world.until(() => second.connections.length > 0));
    if (world.firstClientStays) {
      assert.equal(second.connections, [false]);
      assert.ok(first.isUp);
    }
    await world.until(() => first.isUp !== second.isUp);
    speaker.say(open, "once");
    await world.until(() => first.heard.length + second.heard.length > 0, 500);
    await world.until(() => first.heard.length + second.heard.length > 1, 50);
    assert.ok(first.heard.length + second.heard.length <= 1);
  });

  claim("many messages keep their order on one topic", async (world, dialled) => {
    const [anna, bert] = [await dialUntilUp(world, 1, []), await dialUntilUp(world, 2, [facts])];
    dialled.push(anna, bert);
    const said = Array.from({ length: 200 }, (_, index) => `message ${index}`);
    for (const text of said) anna.say(open, text);
    assert.ok(await world.until(() => bert.heard.length >= said.length));
    assert.equal(bert.texts(), said);
  });

  test.run();
}
