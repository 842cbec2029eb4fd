/** What every CAN bus must do for a driver with a transport protocol of its own. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { CanBus, CanFrame } from "#hal/ports/can-bus.ts";

export interface CanBusFixture {
  readonly bus: CanBus;
  /** A request that somebody on the bus answers with this one frame. */
  readonly request: CanFrame;
  readonly answer: { readonly id: number; readonly startsWith: readonly number[] };
  cut(): void;
  mend(): void;
  /** Lets the time pass that an answer needs. */
  pass(durationMs: number): Promise<void>;
  dispose(): Promise<void>;
}

export function canBusContract(name: string, make: () => Promise<CanBusFixture>): void {
  const test = suite<{ fixture: CanBusFixture }>(`CAN bus: ${name}`);

  test.before.each(async (context) => {
    context.fixture = await make();
  });
  test.after.each(async ({ fixture }) => {
    await fixture.bus.close();
    await fixture.dispose();
  });

  test("a frame that is sent is answered, and does not come back itself", async ({ fixture }) => {
    const frames = listen(fixture);
    assert.ok((await fixture.bus.send(fixture.request)).ok);
    assert.equal(frames, [], "never from within send");
    await fixture.pass(200);
    const answers = frames.filter(({ id }) => id === fixture.answer.id);
    assert.is(answers.length, 1);
    assert.equal([...(answers[0]?.bytes ?? [])].slice(0, fixture.answer.startsWith.length), fixture.answer.startsWith);
    assert.is(answers[0]?.idBits, fixture.request.idBits);
    assert.ok(frames.every(({ id }) => id !== fixture.request.id));
  });

  test("every listener gets every frame as a copy of its own, until it is taken off", async ({ fixture }) => {
    const first: CanFrame[] = [];
    const stop = fixture.bus.onFrame((frame) => {
      first.push(frame);
      frame.bytes.fill(0xee);
    });
    const second = listen(fixture);
    await fixture.bus.send(fixture.request);
    await fixture.pass(200);
    assert.is(first.length, second.length);
    assert.not.equal(second[0]?.bytes[0], 0xee);
    stop();
    await fixture.bus.send(fixture.request);
    await fixture.pass(200);
    assert.is(second.length, 2 * first.length);
  });

  test("what is sent is taken at once: the caller may use its bytes again", async ({ fixture }) => {
    const frames = listen(fixture);
    const bytes = fixture.request.bytes.slice();
    const sent = fixture.bus.send({ ...fixture.request, bytes });
    bytes.fill(0);
    assert.ok((await sent).ok);
    await fixture.pass(200);
    assert.is(frames.filter(({ id }) => id === fixture.answer.id).length, 1);
  });

  test("a bus that fails says so and keeps its listeners", async ({ fixture }) => {
    const frames = listen(fixture);
    fixture.cut();
    const failed = await fixture.bus.send(fixture.request);
    assert.ok(!failed.ok && failed.fault.code === "CAN_BUS_OFF");
    await fixture.pass(200);
    assert.equal(frames, []);
    fixture.mend();
    assert.ok((await fixture.bus.send(fixture.request)).ok);
    await fixture.pass(200);
    assert.is(frames.length, 1);
  });

  test("a full queue refuses a frame, and takes frames again when it has room", async ({ fixture }) => {
    const results = await Promise.all(Array.from({ length: 64 }, () => fixture.bus.send(fixture.request)));
    const refused = results.filter((result) => !result.ok);
    assert.ok(refused.every((result) => result.fault.code === "CAN_QUEUE_FULL"));
    await fixture.pass(500);
    assert.ok((await fixture.bus.send(fixture.request)).ok);
  });

  test("after close nothing is sent and nobody is called", async ({ fixture }) => {
    const frames = listen(fixture);
    await fixture.bus.send(fixture.request);
    await fixture.bus.close();
    await fixture.pass(200);
    assert.equal(frames, []);
    const late = await fixture.bus.send(fixture.request);
    assert.ok(!late.ok && late.fault.code === "CAN_CLOSED");
    await fixture.bus.close();
  });

  test.run();
}

function listen({ bus }: CanBusFixture): CanFrame[] {
  const frames: CanFrame[] = [];
  bus.onFrame((frame) => frames.push(frame));
  return frames;
}
