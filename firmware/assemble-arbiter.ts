/** An arbiter's own part: none. It follows the chain like every gateway, and speaks only when it is asked to. */
import type { RoleService } from "./assemble-gateway.ts";

export function assembleArbiter(): RoleService {
  const nothing = (): Promise<void> => Promise.resolve();
  return {
    start: nothing,
    stop: nothing,
    isCharging: false,
    endCharge: () => undefined,
    chargeAt: () => false,
    takeReply: () => Promise.resolve("REPLY_NOT_ASKED_FOR"),
  };
}
