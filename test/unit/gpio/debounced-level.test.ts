import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import { DebouncedLevel } from "#hal/protocols/gpio/debounced-level.ts";

const DEBOUNCE_MS = 20;

/** A contact that the test moves, and what is told of it. */
class Contact {
  readonly clock = new SimulatedClock();
  readonly told: string[] = [];
  isActive = false;
  isReadable = true;
  readonly level: DebouncedLevel;
  #wasDisturbed = false;

  constructor(debounceMs = DEBOUNCE_MS) {
    this.level = new DebouncedLevel({
      clock: this.clock,
      debounceMs,
      isActive: false,
      sample: () => {
        const wasDisturbed = this.#wasDisturbed;
        this.#wasDisturbed = false;
        return this.isReadable ? { isActive: this.isActive, wasDisturbed } : undefined;
      },
      onChange: (isActive) => this.told.push(`${isActive ? "on" : "off"} at ${this.clock.monotonicMs()}`),
    });
  }

  /** The contact moves; whether its owner looks at once is another matter. */
  move(isActive: boolean): void {
    this.isActive = isActive;
    this.#wasDisturbed = true;
  }

  moveAndLook(isActive: boolean): void {
    this.move(isActive);
    this.level.look();
  }
}

const test = suite("debounced level");

test("a level is told when it has lasted, counted from its last movement", async () => {
  const contact = new Contact();
  contact.moveAndLook(true);
  await contact.clock.runFor(15);
  contact.moveAndLook(false);
  contact.moveAndLook(true);
  await contact.clock.runFor(15);
  assert.equal(contact.told, []);
  await contact.clock.runFor(15);
  assert.equal(contact.told, ["on at 35"]);
});

test("a pulse that ends in time is not told", async () => {
  const contact = new Contact();
  contact.moveAndLook(true);
  await contact.clock.runFor(DEBOUNCE_MS - 1);
  contact.moveAndLook(false);
  await contact.clock.runFor(10 * DEBOUNCE_MS);
  assert.equal(contact.told, []);
});

test("looking often at a level that stays does not put it off", async () => {
  const contact = new Contact();
  contact.moveAndLook(true);
  for (let look = 0; look < 10; look += 1) {
    await contact.clock.runFor(5);
    contact.level.look();
  }
  assert.equal(contact.told, ["on at 20"]);
});

test("what happened while nobody looked is seen before anything is told", async () => {
  const back = new Contact();
  back.moveAndLook(true);
  await back.clock.runFor(10);
  back.move(false);
  await back.clock.runFor(100);
  assert.equal(back.told, [], "it is back at its first level");

  const pulse = new Contact();
  pulse.moveAndLook(true);
  await pulse.clock.runFor(19);
  pulse.move(false);
  pulse.move(true);
  await pulse.clock.runFor(5);
  assert.equal(pulse.told, [], "it has not lasted");
  await pulse.clock.runFor(20);
  assert.equal(pulse.told, ["on at 40"]);
});

test("without debouncing every level that is seen is told at once", () => {
  const contact = new Contact(0);
  contact.moveAndLook(true);
  contact.moveAndLook(false);
  contact.moveAndLook(true);
  contact.level.look();
  assert.equal(contact.told, ["on at 0", "off at 0", "on at 0"]);
});

test("a contact that cannot be read tells nothing, and goes on when it can", async () => {
  const contact = new Contact();
  contact.moveAndLook(true);
  contact.isReadable = false;
  await contact.clock.runFor(100);
  assert.equal(contact.told, []);
  contact.isReadable = true;
  contact.level.look();
  await contact.clock.runFor(100);
  assert.equal(contact.told, ["on at 120"]);
});

test("nothing is told after the stop, and no wake-up is left", async () => {
  const contact = new Contact();
  contact.moveAndLook(true);
  contact.level.stop();
  assert.is(contact.clock.pendingWakes, 0);
  contact.level.look();
  await contact.clock.runFor(100);
  assert.equal(contact.told, []);
});

test.run();
