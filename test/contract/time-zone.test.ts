import { openTimeZone } from "#adapters/time-zone/intl-time-zone.ts";
import { timeZoneContract } from "./time-zone.ts";

timeZoneContract("of the runtime", (name) => {
  const zone = openTimeZone(name);
  return zone.ok ? zone.value : undefined;
});
