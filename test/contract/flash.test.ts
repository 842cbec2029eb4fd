import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FlashPart } from "#adapters/flash-store/flash-part.ts";
import { openFlash } from "#hal/linux/flash.ts";
import { FlashCard } from "#hal/mock/flash.ts";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import type { Flash } from "#hal/ports/flash.ts";
import { flashContract } from "./flash.ts";

/** The contract is about whoever owns the folder. */
class OwnPart extends FlashPart {
  readonly #folder: Flash;

  constructor(folder: Flash) {
    super(folder, "part-");
    this.#folder = folder;
  }

  override close(): Promise<void> {
    return this.#folder.close();
  }
}

flashContract("linux folder", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tallystick-flash-"));
  return { open: () => openFlash(folder), dispose: () => rm(folder, { recursive: true }) };
});

flashContract("simulated card", () => {
  const card = new FlashCard();
  return Promise.resolve({ open: () => card.open(), dispose: () => Promise.resolve() });
});

flashContract("part of a folder, beside files of another part", () => {
  const card = new FlashCard();
  const open = async (): Promise<Flash> => {
    const flash = await card.open();
    if (!(await flash.list()).includes("file")) await (await flash.create("file", 7)).close();
    return new OwnPart(flash);
  };
  return Promise.resolve({ open, dispose: () => Promise.resolve() });
});

flashContract("slow simulated card", () => {
  const clock = new SimulatedClock();
  const card = new FlashCard({ latency: { clock, callMs: 3, syncMs: 40 } });
  // Time passes by itself for as long as the check runs.
  const state = { isOver: false };
  const passing = (async () => {
    while (!state.isOver) await clock.runFor(10);
  })();
  const dispose = async (): Promise<void> => {
    state.isOver = true;
    await passing;
  };
  return Promise.resolve({ open: () => card.open(), dispose });
});
