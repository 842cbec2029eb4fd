/** What the simulated meters send, by the names under which the driver knows their models. */
import { askedReadout, bareReadout, pushedReadout, type ReadoutImage } from "./d0-image.ts";
import { aidonImage, kaifaImage, kamstrupImage } from "./dlms-image.ts";
import { p1Image } from "./p1-image.ts";
import { smlImage } from "./sml-image.ts";
import type { TelegramImage } from "./telegram-image.ts";

export const PUSHED_IMAGES: Readonly<Partial<Record<string, TelegramImage>>> = {
  "sml-generic": smlImage({ registers: "total" }),
  "sml-emh": smlImage({ registers: "tariffs" }),
  "dsmr-p1": p1Image(5),
  "dsmr-v3": p1Image(3),
  "iec62056-push": pushedReadout,
  "iec62056-emh-ehz": bareReadout,
  "dlms-generic": aidonImage,
  "dlms-aidon": aidonImage,
  "dlms-kamstrup": kamstrupImage,
  "dlms-kaifa": kaifaImage,
};

export const ASKED_IMAGES: Readonly<Partial<Record<string, ReadoutImage>>> = {
  "iec62056-mode-c": askedReadout({ hasBlockCheck: true }),
  "iec62056-mode-c-unchecked": askedReadout({ hasBlockCheck: false }),
};

export function hasSimulatedTelegrams(model: string): boolean {
  return model in PUSHED_IMAGES || model in ASKED_IMAGES;
}
