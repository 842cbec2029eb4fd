/** Identities of a vehicle gateway on Linux: which one it starts with, and when it leaves that one while it runs. */
import { join } from "node:path";
import type { GatewayConfig } from "#config/gateway-config.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import { judgeTurn, turnEndsAt, type TurnRules } from "#core/identity/pseudonym-turn.ts";
import type { Genesis } from "#core/ledger/genesis.ts";
import type { Flash } from "#hal/ports/flash.ts";
import type { Randomness } from "#hal/ports/randomness.ts";
import type { EmitEvent } from "#services/events.ts";
import { PseudonymWatch } from "#services/pseudonym-watch.ts";
import type { Gateway } from "./assemble-gateway.ts";
import { gatewayPlaces, type GatewayPlaces } from "./gateway-places.ts";
import { membershipFiles } from "./membership-files.ts";
import { makeFolder, placesOfPseudonym, pseudonymNumbers, turnOnFlash, TURNS_NAME } from "./pseudonym-places.ts";
import {
  makePseudonymFlash,
  makePseudonymKeys,
  storedPromise,
  storedPseudonym,
  storedPseudonyms,
  type PseudonymContext,
} from "./stored-pseudonyms.ts";
import { beginFirstTurn, isBoundBy, takeTurn, type TakenTurn, type TurnPorts } from "./take-turn.ts";

/** Protocol 2.19: `evId = region90d`. */
const PSEUDONYM_DAYS_DEFAULT = 90;

export interface PseudonymParts {
  readonly config: GatewayConfig;
  readonly home: string;
  readonly crypto: Cryptography;
  readonly genesis: Genesis;
  readonly randomness: Randomness;
  readonly openFlash: (path: string) => Promise<Flash>;
  readonly emit: EmitEvent;
}

/** For `status` and `health`. */
export interface PseudonymState {
  readonly number: number;
  /** Unix seconds; null while the date has not been known. */
  readonly since: number | null;
  /** Null where it is for ever, or not known yet. */
  readonly until: number | null;
  /** By the gateway's own date. */
  readonly isOver: boolean;
  /** Later identities that have keys; null where that cannot be read. */
  readonly prepared: number | null;
}

export interface RunningPseudonym {
  /** Resolves with the date, unix seconds, when the gateway is to stop and to start again. */
  readonly left: Promise<number>;
  readonly state: () => Promise<PseudonymState>;
  stop(): void;
}

export interface ChosenPseudonym {
  /** Of the identity in use. */
  readonly places: GatewayPlaces;
  /** Looks after it; undefined where there is only one identity for ever. */
  watch(gateway: Pick<Gateway, "did" | "ledger" | "mesh" | "role">): RunningPseudonym | undefined;
}

/** @param now unix seconds; undefined while the date is not known */
export async function choosePseudonym(parts: PseudonymParts, now: number | undefined): Promise<ChosenPseudonym> {
  const { config, home, crypto, genesis } = parts;
  const first = gatewayPlaces(config, home);
  if (config.role !== "vehicle") return { places: first, watch: () => undefined };
  const context = { crypto, genesis, places: first };
  const number = (await turnOnFlash(first))?.number ?? 1;
  const rules = await turnRules(context, number, config.vehicle.pseudonymDays);
  // With one for ever not even a folder is made for the turns.
  if (rules.days === 0) return { places: placesOfPseudonym(first, number), watch: () => undefined };
  const ports = turnPorts(context, parts);
  const taken = await takeTurn(ports, rules, now);
  const places = placesOfPseudonym(first, taken.number);
  return { places, watch: (gateway) => watchTurn({ ports, rules, taken, places, gateway }) };
}

/** @param configured what the owner has set; without it the region's own rule */
export async function turnRules(
  { crypto, genesis, places }: PseudonymContext,
  number: number,
  configured: number | undefined,
): Promise<TurnRules> {
  const { membership, rules } = genesis.body;
  const days = configured ?? (rules.profile === "paper" ? 0 : PSEUDONYM_DAYS_DEFAULT);
  const { key } = placesOfPseudonym(places, number);
  const isCertified = (await membershipFiles(crypto, key, () => undefined).certificate()) !== undefined;
  return { days, needsCertificate: membership !== undefined && (isCertified || !membership.admitsUncertified) };
}

function turnPorts(context: PseudonymContext, { openFlash, randomness, emit }: PseudonymParts): TurnPorts {
  const { crypto, genesis, places } = context;
  return {
    ...{ crypto, genesis, randomness, emit },
    openTurns: async () => {
      const folder = join(places.flash, TURNS_NAME);
      await makeFolder(folder);
      return openFlash(folder);
    },
    readTurn: () => turnOnFlash(places),
    openLedger: (number) => openFlash(join(placesOfPseudonym(places, number).flash, "ledger")),
    readDid: async (number) => (await storedPseudonym(context, number)).did,
    readPromise: (number) => storedPromise(placesOfPseudonym(places, number)),
    readPrepared: async (above) => ({
      prepared: await storedPseudonyms(context, above),
      unused: ((await pseudonymNumbers(places)).at(-1) ?? 1) + 1,
    }),
    makeReady: async (number) => {
      await makePseudonymKeys(places, number, randomness);
      // Keys that are there and cannot be read would be found out when it is too late.
      await storedPseudonym(context, number);
      await makePseudonymFlash(places, number);
    },
  };
}

const NOTHING = { prepared: [], unused: 2 };

interface Watched {
  readonly ports: TurnPorts;
  readonly rules: TurnRules;
  readonly taken: TakenTurn;
  readonly places: GatewayPlaces;
  readonly gateway: Pick<Gateway, "did" | "ledger" | "mesh" | "role">;
}

function watchTurn({ ports, rules, taken, places, gateway }: Watched): RunningPseudonym {
  const { did, ledger, mesh, role } = gateway;
  let leave: (now: number) => void = () => undefined;
  const left = new Promise<number>((resolve) => {
    leave = resolve;
  });
  const watch = new PseudonymWatch({
    ...{ rules, turn: taken.turn, clock: ledger.time, emit: ports.emit },
    beginFirst: (now) => beginFirstTurn(ports.openTurns, now),
    judge: async (turn, now) => {
      const isOver = now >= (turnEndsAt(turn, rules) ?? Infinity);
      return judgeTurn(turn, rules, { now, ...(isOver ? await ports.readPrepared(turn.number) : NOTHING) });
    },
    isBound: async (now) =>
      role.isCharging || isBoundBy({ chain: ledger.chain, did, promise: await storedPromise(places), now }),
    isConnected: () => mesh.isConnected,
    leave: (now) => {
      ports.emit("pseudonymLeft", { number: taken.number });
      leave(now);
    },
  });
  watch.start(taken.hasFailed);
  return {
    left,
    state: async () => {
      const { number } = taken;
      const { since = null } = watch.turn ?? {};
      const until = (watch.turn && turnEndsAt(watch.turn, rules)) ?? null;
      const isOver = until !== null && ledger.time.wallMs() >= 1000 * until;
      const found = await ports.readPrepared(number).catch(() => undefined);
      return { number, since, until, isOver, prepared: found?.prepared.length ?? null };
    },
    stop: () => {
      watch.stop();
    },
  };
}
