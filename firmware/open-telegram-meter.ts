/** Opens a meter that speaks by itself: its line, its keys, and what a configuration says otherwise than its model. */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { fromHex } from "#base/bytes.ts";
import type { MeterConfig } from "#config/meter-table.ts";
import { SerialLink } from "#hal/linux/serial-link.ts";
import { TcpLink } from "#hal/linux/tcp-link.ts";
import { EvenParityLink } from "#hal/meters/telegram/even-parity-link.ts";
import { TelegramMeter } from "#hal/meters/telegram/telegram-meter.ts";
import type { TelegramModel } from "#hal/meters/telegram/telegram-model.ts";
import type { ByteLink, SerialSettings, SpeedLink } from "#hal/ports/byte-link.ts";
import type { Clock } from "#hal/ports/clock.ts";
import { KEY_BYTES, type MeterKeys } from "#hal/protocols/dlms/ciphering.ts";
import { decipherGcm } from "#hal/linux/decipher-gcm.ts";
import { GatewayError } from "./gateway-error.ts";

/** Where a meter speaks. */
export type TelegramEndpoint =
  | ({ readonly kind: "serial" } & SerialSettings)
  | { readonly kind: "tcp"; readonly host: string; readonly port: number };

/** @throws GatewayError CONFIG_INVALID when a key cannot be read. */
export async function openTelegramMeter(
  model: TelegramModel,
  config: MeterConfig,
  home: string,
  parts: { readonly clock: Clock; readonly worldSpeed: number },
): Promise<TelegramMeter> {
  const endpoint = configuredEndpoint(model, config);
  const paced = config.periodMs === undefined ? model : withPeriod(model, config.periodMs);
  return new TelegramMeter(
    { link: openTelegramLink(endpoint, model), clock: parts.clock },
    {
      model: paced,
      keys: await configuredKeys(config, home),
      deviceAddress: config.deviceAddress,
      worldSpeed: parts.worldSpeed,
    },
  );
}

/** As given, and else as usual for the model. */
export function configuredEndpoint(model: TelegramModel, { line, given }: MeterConfig): TelegramEndpoint {
  if (line.kind === "tcp") return line;
  const usual = model.line;
  return {
    ...{ kind: "serial", path: line.path },
    baudRate: given.baudRate ?? usual.baudRate,
    dataBits: given.dataBits ?? usual.dataBits,
    parity: given.parity ?? usual.parity,
    stopBits: given.stopBits ?? usual.stopBits,
  };
}

/**
 * A line of seven bits and even parity may be opened with eight bits and none, where an adapter cannot do it; then the
 * eighth bit is looked after here.
 */
export function openTelegramLink(endpoint: TelegramEndpoint, model: TelegramModel): ByteLink | SpeedLink {
  if (endpoint.kind === "tcp") return new TcpLink(endpoint);
  const link = new SerialLink(endpoint);
  const isWide = endpoint.dataBits === 8 && endpoint.parity === "none";
  return isWide && model.line.dataBits === 7 && model.line.parity === "even" ? new EvenParityLink(link) : link;
}

/** Another pace than the model's; telegrams of all kinds keep their share of it. */
export function withPeriod(model: TelegramModel, periodMs: number): TelegramModel {
  const { anyPeriodMs } = model;
  return anyPeriodMs === undefined
    ? { ...model, periodMs }
    : { ...model, periodMs, anyPeriodMs: Math.min(anyPeriodMs, periodMs) };
}

export function meterKeys(key: Uint8Array, authenticationKey: Uint8Array | undefined): MeterKeys {
  return { key, authenticationKey, decipher: decipherGcm };
}

export async function configuredKeys(config: MeterConfig, home: string): Promise<MeterKeys | undefined> {
  const { keyFile, authenticationKeyFile } = config;
  if (keyFile === undefined) return undefined;
  const key = await readKey("meter.key_file", resolve(home, keyFile));
  const second = authenticationKeyFile === undefined ? undefined : resolve(home, authenticationKeyFile);
  return meterKeys(key, second === undefined ? undefined : await readKey("meter.authentication_key_file", second));
}

/** The key itself is in no message: messages end up in logs. */
async function readKey(name: string, path: string): Promise<Uint8Array> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new GatewayError("CONFIG_INVALID", `${name}: ${path} cannot be read`, cause);
  });
  const key = fromHex(text.trim());
  if (key?.length === KEY_BYTES) return key;
  throw new GatewayError("CONFIG_INVALID", `${name}: ${path} does not hold ${2 * KEY_BYTES} hexadecimal digits`);
}
