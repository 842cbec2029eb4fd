/**
 * B25: the card of a station's ledger is torn, has lost or rotten or misdirected bytes, is another's, or is full. The
 * gateway comes back with the region's own chain: what it has lost it has from the others. It never has a state that is
 * not one of that chain.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { REGISTER_NAME } from "#adapters/flash-store/index.ts";
import { stateRootIn } from "#core/ledger/apply-block.ts";
import type { FlashSnapshot } from "#hal/mock/flash.ts";
import { failedNode, type RegionNode } from "../region/region-node.ts";
import { chargeOnce, pictureOf, resultsAt, station } from "./charging.ts";
import { MINUTE_MS, Scenario } from "./scenario.ts";

const test = suite("B25 damaged card");

type Damage = (files: Map<string, Uint8Array>) => void;
const PAGE_BYTES = 4096;
/** At the end of a segment its header stands a second time. */
const SECOND_HEADER_BYTES = 32;

/** In the segment that is written to; `end` is behind its last record. */
function inLog(act: (bytes: Uint8Array, end: number) => void): Damage {
  return (files) => {
    const name =
      [...files.keys()]
        .filter((each) => each !== REGISTER_NAME)
        .sort()
        .at(-1) ?? "";
    const bytes = Uint8Array.from(files.get(name) ?? []);
    const end = bytes.subarray(0, -SECOND_HEADER_BYTES).findLastIndex((byte) => byte !== 0) + 1;
    assert.ok(end > PAGE_BYTES, `${end} bytes in ${name}`);
    act(bytes, end);
    files.set(name, bytes);
  };
}

const flipAt = (share: number): Damage =>
  inLog((bytes, end) => {
    const at = Math.floor(share * (end - 1));
    bytes[at] = (bytes[at] ?? 0) ^ 0x10;
  });

const DAMAGES: Readonly<Record<string, Damage>> = {
  "a last write that was torn in the middle": inLog((bytes, end) => bytes.fill(0, end - 60)),
  "a last write that ends in noise": inLog((bytes, end) => bytes.fill(0xa5, end - 40, end)),
  "a last page that was never written": inLog((bytes, end) => bytes.fill(0, end - (end % PAGE_BYTES))),
  "a page in the middle that was lost": inLog((bytes, end) => {
    bytes.fill(0, end - PAGE_BYTES, end - PAGE_BYTES / 2);
  }),
  "a bit that has turned over near the start": flipAt(0.02),
  "a bit that has turned over at a third": flipAt(0.33),
  "a bit that has turned over at two thirds": flipAt(0.66),
  "a bit that has turned over at the end": flipAt(1),
  "a write that went to the place of an earlier one": inLog((bytes, end) =>
    bytes.copyWithin(Math.floor(end / 3), end - 300, end),
  ),
  "a page that was written over another one": inLog((bytes, end) => bytes.copyWithin(end / 2, 64, 64 + end / 4)),
  "a register with one slot that has rotted": (files) => {
    files.set(REGISTER_NAME, Uint8Array.from(files.get(REGISTER_NAME) ?? []).fill(0x77, 20, 60));
  },
  "a register of which nothing is left": (files) => {
    files.set(REGISTER_NAME, new Uint8Array(2 * PAGE_BYTES).fill(0xff));
  },
  "a log that is gone": (files) => {
    for (const name of [...files.keys()].filter((each) => each !== REGISTER_NAME)) files.delete(name);
  },
};

/** One region for all of them: each restores the card as it was. */
const region = chargedRegion();

for (const [what, damage] of Object.entries(DAMAGES)) {
  test(`B25 ${what}: the gateway recovers the region's chain, and has no wrong state`, async () => {
    const { scenario, victim, image } = await region;
    const files = new Map(image.get("ledger"));
    damage(files);
    assert.ok(
      [...(image.get("ledger") ?? [])].some(([name, bytes]) => !same(bytes, files.get(name))),
      "it is damaged",
    );
    victim.restore(new Map([...image, ["ledger", files]]), "damaged");
    // The second start finds the damage again, and behind it what was had from the others.
    for (const turn of ["first", "second"]) {
      assert.is(await startOf(victim), undefined, `${turn} start`);
      await comesRight(scenario, victim);
      victim.die("power");
      await scenario.runFor(1_000);
    }
  });
}

test("B25 the region itself is as it should be after all that", async () => {
  const { scenario } = await region;
  scenario.end();
});

test("B25 a station of another one's card refuses it or takes the chain on it, and seals nothing as that one", async () => {
  const { scenario, victim } = await chargedRegion();
  const other = station(scenario, 0).node;
  victim.restore(other.image(), "another's card");
  const refusal = await startOf(victim);
  if (refusal === undefined) await comesRight(scenario, victim);
  scenario.end();
});

test("B25 a full card stops the gateway, which is told; with room again it has the region's chain", async () => {
  const { scenario, victim } = await chargedRegion();
  const failures: string[] = [];
  const onRejection = (reason: unknown): void => {
    const failed = failedNode(reason);
    failures.push(String(reason));
    if (failed?.node === victim && victim.running !== undefined) victim.die("kill");
  };
  const before = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", onRejection);
  try {
    assert.is(await startOf(victim), undefined);
    const card = victim.cardOf("ledger");
    card.resize(card.usedBytes);
    for (let round = 0; round < 60 && failures.length === 0; round += 1) {
      for (let fact = 0; fact < 12; fact += 1) scenario.speak(station(scenario).node);
      await scenario.runFor(30_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    process.off("unhandledRejection", onRejection);
    for (const listener of before) process.on("unhandledRejection", listener);
  }
  assert.ok(
    failures.some((text) => text.includes("FLASH_FULL")),
    failures.join(),
  );
  assert.is(victim.running, undefined);
  victim.cardOf("ledger").resize(Infinity);
  assert.is(await startOf(victim), undefined);
  await comesRight(scenario, victim);
  scenario.end();
});

test.run();

interface Charged {
  readonly scenario: Scenario;
  readonly victim: RegionNode;
  readonly image: ReturnType<RegionNode["image"]>;
}

/** A charge is settled and blocks are final; the second station has lost its power. */
async function chargedRegion(): Promise<Charged> {
  const scenario = new Scenario({ stations: 2, vehicles: 1 });
  await scenario.start();
  await chargeOnce(scenario, 0.2);
  const victim = station(scenario, 1).node;
  const charged = scenario.chainOf(victim).head.serial;
  await scenario.talk(4 * MINUTE_MS, [station(scenario).node]);
  assert.ok(scenario.chainOf(victim).final.serial >= charged, "the charge is final, so that nobody may replace it");
  victim.die("power");
  await scenario.runFor(1_000);
  return { scenario, victim, image: victim.image() };
}

/** The code with which it refuses to start; undefined when it has. */
async function startOf(node: RegionNode): Promise<string | undefined> {
  try {
    await node.start();
    return undefined;
  } catch (error) {
    node.die("kill");
    return error instanceof Error && "code" in error ? String(error.code) : `no code: ${String(error)}`;
  }
}

/** What it has at once of what is final is of the region's chain; soon it has the whole of it, with the same state and results. */
async function comesRight(scenario: Scenario, victim: RegionNode): Promise<void> {
  const { node } = station(scenario);
  const [own, region] = [scenario.chainOf(victim), scenario.chainOf(node)];
  const shared = Math.min(own.head.serial, region.final.serial);
  assert.is(own.idAt(shared), region.idAt(shared), "its chain is the region's");
  await scenario.talk(2 * MINUTE_MS, [node]);
  await scenario.runUntil("one head", 5 * MINUTE_MS, () => toHex(own.head.id) === toHex(region.head.id));
  assert.is(pictureOf(victim), pictureOf(node));
  assert.is(resultsAt(victim).length, 1);
  const { crypto } = scenario.world.cryptography;
  const roots = [own, region].map(({ head }) => stateRootIn((message) => crypto.sha256(message), head.state));
  assert.equal(roots[0], roots[1]);
}

function same(
  left: Uint8Array,
  right: FlashSnapshot extends ReadonlyMap<string, infer Bytes> ? Bytes | undefined : never,
): boolean {
  return right !== undefined && toHex(left) === toHex(right);
}
