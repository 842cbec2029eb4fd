/** The models by name. A new one is a table beside this file and a line here. */
import type { RegisterMap } from "#hal/protocols/modbus/register-map.ts";
import { abbB21, abbB23, abbB24 } from "./abb-b2x.ts";
import { acrelDjsf1352 } from "./acrel-djsf1352.ts";
import { bauerBsmWs36a } from "./bauer-bsm-ws36a.ts";
import { cgEm11x } from "./cg-em11x.ts";
import { cgEm24E1, cgEm24Rs485 } from "./cg-em24.ts";
import { cgEm3x0 } from "./cg-em3x0.ts";
import { cgEm580 } from "./cg-em580.ts";
import { cgEm5x0 } from "./cg-em5x0.ts";
import { eastronSdm120 } from "./eastron-sdm120.ts";
import { eastronSdm230 } from "./eastron-sdm230.ts";
import { eastronSdm630 } from "./eastron-sdm630.ts";
import { eastronSdm72dmV1, eastronSdm72dmV2 } from "./eastron-sdm72dm.ts";
import { finder7m38 } from "./finder-7m38.ts";
import { ineproPro380 } from "./inepro-pro380.ts";
import { iskraWm3m4c } from "./iskra-wm3m4c.ts";
import { janitzaUmg96 } from "./janitza-umg96.ts";
import { phoenixEemMb370 } from "./phoenix-eem-mb370.ts";
import { schneiderIem3000 } from "./schneider-iem3000.ts";
import { schneiderPm5xxx } from "./schneider-pm5xxx.ts";
import { siemensPac1600 } from "./siemens-pac1600.ts";
import { siemensPac2200 } from "./siemens-pac2200.ts";
import { socomecCountisE2x, socomecCountisE34 } from "./socomec-countis.ts";

const MODELS: readonly RegisterMap[] = [
  eastronSdm630,
  eastronSdm72dmV2,
  eastronSdm72dmV1,
  eastronSdm120,
  eastronSdm230,
  abbB21,
  abbB23,
  abbB24,
  cgEm24Rs485,
  cgEm24E1,
  cgEm11x,
  cgEm3x0,
  cgEm5x0,
  cgEm580,
  schneiderIem3000,
  schneiderPm5xxx,
  siemensPac2200,
  siemensPac1600,
  janitzaUmg96,
  ineproPro380,
  phoenixEemMb370,
  bauerBsmWs36a,
  finder7m38,
  socomecCountisE2x,
  socomecCountisE34,
  iskraWm3m4c,
  acrelDjsf1352,
];

export function meterModelNames(): readonly string[] {
  return MODELS.map((map) => map.model);
}

export function meterModel(name: string): RegisterMap | undefined {
  return MODELS.find((map) => map.model === name);
}
