/** What a connection to a broker is secured with, from the files that the configuration names. */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { MqttBusOptions } from "#adapters/mqtt/mqtt-bus.ts";
import type { BrokerAddress } from "#config/broker-config.ts";
import { GatewayError } from "./gateway-error.ts";

/**
 * `table` is the configuration's: `broker`, `broker.second`. Rejects with CONFIG_INVALID that names the key whose file
 * cannot be read or is no PEM.
 */
export async function brokerTls(
  broker: BrokerAddress,
  home: string,
  table: string,
): Promise<NonNullable<MqttBusOptions["tls"]>> {
  const read = (key: string, path: string | undefined): Promise<string | undefined> =>
    path === undefined ? Promise.resolve(undefined) : readPem(`${table}.${key}`, resolve(home, path));
  const ca = await read("ca_file", broker.ca_file);
  const cert = await read("certificate_file", broker.certificate_file);
  const key = await read("key_file", broker.key_file);
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}

/** A faulty key would otherwise show itself as a broker that is never reached. */
async function readPem(key: string, path: string): Promise<string> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new GatewayError("CONFIG_INVALID", `${key}: ${path} cannot be read`, cause);
  });
  if (/^-----BEGIN [A-Z ]+-----$/m.test(text)) return text;
  throw new GatewayError("CONFIG_INVALID", `${key}: ${path} is no PEM file`);
}
