/** What every byte link must do. Each medium gives its own link and a hand on the other end. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { concatBytes, toHex } from "#base/bytes.ts";
import type { ByteLink, ByteLinkListener } from "#hal/ports/byte-link.ts";

export interface ByteLinkFixture {
  readonly link: ByteLink;
  /** Sends from the other end. */
  send(bytes: Uint8Array): Promise<void>;
  /** All that the other end has received since it began. */
  received(): Uint8Array;
  /** The medium fails: cable pulled, peer gone. */
  breakMedium(): Promise<void>;
  repairMedium(): Promise<void>;
  dispose(): Promise<void>;
}

class RecordingListener implements ByteLinkListener {
  readonly chunks: Uint8Array[] = [];
  readonly closings: string[] = [];
  openResolved = false;
  earlyData = false;

  onData(bytes: Uint8Array): void {
    if (!this.openResolved || this.closings.length > 0) this.earlyData = true;
    this.chunks.push(bytes.slice());
  }

  onClose(reason: string): void {
    this.closings.push(reason);
  }

  get bytes(): Uint8Array {
    return concatBytes(...this.chunks);
  }
}

export function byteLinkContract(name: string, make: () => Promise<ByteLinkFixture>): void {
  const test = suite<{ fixture: ByteLinkFixture; listener: RecordingListener }>(`byte link: ${name}`);

  test.before.each(async (context) => {
    context.fixture = await make();
    context.listener = new RecordingListener();
  });
  test.after.each(async ({ fixture }) => {
    await fixture.link.close();
    await fixture.dispose();
  });

  test("bytes of any value arrive in order, both ways", async ({ fixture, listener }) => {
    const { link } = fixture;
    await openFor(link, listener);
    const out = numbered(1000, 7);
    const back = numbered(1500, 31);
    const written = await link.write(out);
    assert.ok(written.ok);
    await fixture.send(back);
    await until(() => listener.bytes.length >= back.length && fixture.received().length >= out.length);
    assert.is(toHex(listener.bytes), toHex(back));
    assert.is(toHex(fixture.received()), toHex(out));
    assert.not.ok(listener.earlyData);
  });

  test("it names its endpoint and says whether it is open", async ({ fixture, listener }) => {
    assert.ok(fixture.link.endpoint.length > 0);
    assert.not.ok(fixture.link.isOpen);
    await openFor(fixture.link, listener);
    assert.ok(fixture.link.isOpen);
    await fixture.link.close();
    assert.not.ok(fixture.link.isOpen);
  });

  test("closing tells the listener once, also when closed twice", async ({ fixture, listener }) => {
    await fixture.link.close();
    await openFor(fixture.link, listener);
    await fixture.link.close();
    await fixture.link.close();
    assert.is(listener.closings.length, 1);
  });

  test("a write to a closed link is refused, not lost silently", async ({ fixture, listener }) => {
    const before = await fixture.link.write(Uint8Array.of(1));
    assert.ok(!before.ok && before.fault.code === "LINK_CLOSED");
    await openFor(fixture.link, listener);
    await fixture.link.close();
    const after = await fixture.link.write(Uint8Array.of(1));
    assert.ok(!after.ok && after.fault.code === "LINK_CLOSED");
  });

  test("no data is delivered after the close", async ({ fixture, listener }) => {
    await openFor(fixture.link, listener);
    await fixture.send(numbered(200, 3));
    await fixture.link.close();
    const heard = listener.bytes.length;
    await pause(30);
    assert.is(listener.bytes.length, heard);
    assert.not.ok(listener.earlyData);
  });

  test("a medium that breaks is told once, with a reason", async ({ fixture, listener }) => {
    await openFor(fixture.link, listener);
    await fixture.breakMedium();
    await until(() => listener.closings.length > 0);
    await pause(10);
    assert.is(listener.closings.length, 1);
    assert.ok((listener.closings[0] ?? "").length > 0);
    assert.not.ok(fixture.link.isOpen);
  });

  test("a broken medium cannot be opened; a repaired one can, by the same link", async ({ fixture, listener }) => {
    await openFor(fixture.link, listener);
    await fixture.breakMedium();
    await until(() => listener.closings.length > 0);
    const refused = await fixture.link.open(new RecordingListener());
    assert.ok(!refused.ok && refused.fault.code === "LINK_UNREACHABLE" && refused.fault.reason.length > 0);

    await fixture.repairMedium();
    const again = new RecordingListener();
    await openFor(fixture.link, again);
    await fixture.send(Uint8Array.of(0, 13, 10, 255));
    await until(() => again.bytes.length >= 4);
    assert.is(toHex(again.bytes), "000d0aff");
    assert.is(listener.closings.length, 1);
  });

  test.run();
}

async function openFor(link: ByteLink, listener: RecordingListener): Promise<void> {
  const opened = await link.open(listener);
  listener.openResolved = true;
  assert.ok(opened.ok, opened.ok ? "" : opened.fault.reason);
}

function numbered(length: number, step: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * step) & 0xff);
}

/** Waits for something that another program or the system does; fails the test when it does not. */
async function until(condition: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 500; attempt += 1) {
    if (condition()) return;
    await pause(5);
  }
  assert.unreachable("waited 2.5 s in vain");
}

function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}
