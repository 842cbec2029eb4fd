/**
 * The tables `[broker]`, `[broker.embedded]` and `[broker.second]`: where the gateway meets others. Two brokers at the
 * same time are two ways to be heard, and a gateway with two carries from one to the other.
 */
import { absentOr, anyText, refuse, table, text, wholeNumber, withDefault, type Reader } from "./shape.ts";

const site = text("1 to 16 characters of a-z, 0-9 and -", /^[a-z0-9-]{1,16}$/);

/** The name that a signed login is made for; a broker takes only those made for its own. */
const loginName = text("1 to 64 letters, digits, dots or dashes", /^[A-Za-z0-9.-]{1,64}$/);

const addressKeys = {
  url: absentOr(text("a URL such as mqtt://192.168.1.10:1883", /^mqtts?:\/\/[^\s]+$/)),
  user: absentOr(anyText),
  password_file: absentOr(anyText),
  ca_file: absentOr(anyText),
  certificate_file: absentOr(anyText),
  key_file: absentOr(anyText),
  login_name: absentOr(loginName),
};

export const brokerTable = table({
  ...addressKeys,
  embedded: absentOr(
    table({
      host: withDefault(anyText, "0.0.0.0"),
      port: withDefault(wholeNumber(0, 65_535), 1883),
      login_name: absentOr(loginName),
    }),
  ),
  second: absentOr(
    table({
      ...addressKeys,
      /** Of the broker's topics, where it is the broker of another site. */
      site: absentOr(site),
    }),
  ),
});

type ValueOf<Some> = Some extends Reader<infer Value> ? Value : never;

export type BrokersConfig = ValueOf<typeof brokerTable>;

/** A broker elsewhere, and how this gateway shows who it is. */
export type BrokerAddress = Omit<BrokersConfig, "embedded" | "second">;

/** Checks what the keys say together. */
export function checkBrokers(brokers: BrokersConfig, ownSite: string, role: "charger" | "vehicle" | "arbiter"): void {
  const { url, embedded, second } = brokers;
  if (url === undefined && embedded === undefined) {
    refuse("broker", "no url and no embedded", "url of a broker, or for a charger the table broker.embedded");
  }
  if (url !== undefined && embedded !== undefined) {
    refuse("broker", "url and embedded", "one of the two; a broker elsewhere beside one's own is broker.second");
  }
  checkAddress(brokers, "broker");
  if (embedded !== undefined && role !== "charger") {
    refuse("broker.embedded", "a table", "nothing: only a charger gateway runs a broker");
  }
  if (second !== undefined) checkSecond(brokers, second, ownSite);
}

/** For which broker the first one's logins are made. */
export function firstLoginName({ login_name, embedded }: BrokersConfig, ownSite: string): string {
  return embedded?.login_name ?? login_name ?? ownSite;
}

/** For which broker the second one's logins are made; undefined shows it none. */
export function secondLoginName(second: NonNullable<BrokersConfig["second"]>, ownSite: string): string | undefined {
  const { login_name, site: itsSite = ownSite } = second;
  return login_name ?? (itsSite === ownSite ? undefined : itsSite);
}

function checkSecond(brokers: BrokersConfig, second: NonNullable<BrokersConfig["second"]>, ownSite: string): void {
  const { url } = second;
  if (url === undefined) refuse("broker.second.url", undefined, "a URL such as mqtt://192.168.1.11:1883");
  if (url === brokers.url) refuse("broker.second.url", url, "another broker than broker.url");
  checkAddress(second, "broker.second");
  const first = firstLoginName(brokers, ownSite);
  if (second.user !== undefined || secondLoginName(second, ownSite) !== first) return;
  // Whoever runs one broker would have in hand what the other one asks for.
  refuse("broker.second.login_name", first, `another name than that of the first broker, "${first}"`);
}

function checkAddress(address: BrokerAddress, path: string): void {
  const { url, user, password_file, login_name, ca_file, certificate_file, key_file } = address;
  if (password_file !== undefined && user === undefined) {
    refuse(`${path}.password_file`, password_file, `a ${path}.user beside it`);
  }
  if (user !== undefined && url === undefined) refuse(`${path}.user`, user, `a ${path}.url beside it`);
  if (login_name !== undefined && url === undefined) {
    refuse(`${path}.login_name`, login_name, `a ${path}.url beside it; one's own broker has embedded.login_name`);
  }
  if (login_name !== undefined && user !== undefined) {
    refuse(`${path}.login_name`, login_name, `nothing: with ${path}.user no login is signed`);
  }
  const files = { ca_file, certificate_file, key_file };
  const [key, file] = Object.entries(files).find(([, each]) => each !== undefined) ?? [];
  if (key !== undefined && url?.startsWith("mqtts:") !== true) {
    refuse(`${path}.${key}`, file, `a ${path}.url beside it that begins with mqtts://`);
  }
  if ((certificate_file === undefined) !== (key_file === undefined)) {
    const found = certificate_file === undefined ? "key_file" : "certificate_file";
    refuse(`${path}.${found}`, files[found], "certificate_file and key_file, or neither");
  }
}
