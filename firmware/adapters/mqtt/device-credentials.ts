import { signLogin, type LoginDevice, type LoginScope } from "#core/mesh/broker-login.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { Credentials } from "./mqtt-bus.ts";

/**
 * The logins of a device at one broker. Each is later than the one before, also while the wall clock stands still or
 * has been set back, because a broker admits only later ones.
 */
export function deviceCredentials(scope: LoginScope, device: LoginDevice, clock: Clock): Credentials {
  let lastMs = 0;
  return () => {
    lastMs = Math.max(clock.wallMs(), lastMs + 1);
    return signLogin(scope, device, lastMs);
  };
}
