/** The simulated meters by model. */
import { ABB_IMAGES } from "./images/abb.ts";
import { CARLO_GAVAZZI_IMAGES } from "./images/carlo-gavazzi.ts";
import { EASTRON_IMAGES } from "./images/eastron.ts";
import { EXPONENT_METER_IMAGES } from "./images/exponent-meters.ts";
import { FLOAT_METER_IMAGES } from "./images/float-meters.ts";
import type { MeterImage } from "./images/meter-image.ts";
import { SCHNEIDER_IMAGES } from "./images/schneider.ts";
import { SIEMENS_IMAGES } from "./images/siemens.ts";
import { SOCOMEC_IMAGES } from "./images/socomec.ts";

export const METER_IMAGES: Readonly<Record<string, MeterImage>> = {
  ...EASTRON_IMAGES,
  ...ABB_IMAGES,
  ...CARLO_GAVAZZI_IMAGES,
  ...SCHNEIDER_IMAGES,
  ...SIEMENS_IMAGES,
  ...FLOAT_METER_IMAGES,
  ...SOCOMEC_IMAGES,
  ...EXPONENT_METER_IMAGES,
};
