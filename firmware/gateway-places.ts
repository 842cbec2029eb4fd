/** Where a gateway's files are, from its configuration and the folder in which that lies. All paths are absolute. */
import { resolve } from "node:path";
import type { GatewayConfig } from "#config/gateway-config.ts";

export interface GatewayPlaces {
  /** The configuration's folder: files that a person gives the gateway start from it. */
  readonly home: string;
  /** The folder that the gateway writes to: its sockets, and what it cannot lose. */
  readonly state: string;
  readonly flash: string;
  readonly key: string;
  readonly genesis: string;
}

type PlaceKeys = Pick<GatewayConfig, "state" | "flash" | "key" | "region">;

export function gatewayPlaces(config: PlaceKeys, home: string): GatewayPlaces {
  const state = resolve(home, config.state);
  return {
    ...{ home: resolve(home), state },
    flash: resolve(state, config.flash),
    key: resolve(state, config.key),
    genesis: resolve(state, config.region.genesis),
  };
}
