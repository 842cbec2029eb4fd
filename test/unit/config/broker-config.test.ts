/** One broker or two in a configuration, and what is answered where the keys contradict each other. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { firstLoginName, secondLoginName, type BrokersConfig } from "#config/broker-config.ts";
import { parseGatewayConfig } from "#config/gateway-config.ts";

const test = suite("configured brokers");

const FIRST = 'url = "mqtt://192.168.1.10:1883"';

/** In `[broker]` and in `[broker.second]`; what is answered: key, what was found, a part of what is expected. */
type Mistake = readonly [first: string, second: string, path: string, found: string, expected: RegExp];

const MISTAKES: readonly Mistake[] = [
  [FIRST, "", "broker.second.url", "nothing", /a URL such as/],
  [FIRST, 'url = "http://b"', "broker.second.url", '"http://b"', /mqtt:/],
  [FIRST, FIRST, "broker.second.url", '"mqtt://192.168.1.10:1883"', /another broker than broker.url/],
  [FIRST, 'url = "mqtt://b"\nembedded = {}', "broker.second.embedded", "{}", /no such key; known here: url/],
  [FIRST, 'url = "mqtt://b"\nca_file = "a"', "broker.second.ca_file", '"a"', /broker.second.url .* mqtts:/],
  [FIRST, 'url = "mqtts://b"\nkey_file = "k"', "broker.second.key_file", '"k"', /or neither/],
  [FIRST, 'url = "mqtt://b"\npassword_file = "p"', "broker.second.password_file", '"p"', /broker.second.user/],
  [FIRST, 'url = "mqtt://b"\nsite = "Site 2"', "broker.second.site", '"Site 2"', /a-z, 0-9 and -/],
  [FIRST, 'url = "mqtt://b"\nlogin_name = "home"', "broker.second.login_name", '"home"', /another name than .* "home"/],
  [`${FIRST}\nlogin_name = "b"`, 'url = "mqtt://b"\nsite = "b"', "broker.second.login_name", '"b"', /another name/],
  [FIRST, 'url = "mqtt://b"\nuser = "u"\nlogin_name = "b"', "broker.second.login_name", '"b"', /no login is signed/],
  [FIRST, 'url = "mqtt://b"\nlogin_name = "a b"', "broker.second.login_name", '"a b"', /letters, digits, dots/],
  ['login_name = "a"', 'url = "mqtt://b"', "broker", '"no url and no embedded"', /url of a broker/],
];

function textOf(first: string, second: string | undefined): string {
  const more = second === undefined ? "" : `[broker.second]\n${second}\n`;
  return `role = "arbiter"\nname = "a"\n[region]\nsite = "home"\n[broker]\n${first}\n${more}`;
}

function accept(first: string, second: string): Required<Pick<BrokersConfig, "second">> & BrokersConfig {
  const parsed = parseGatewayConfig(textOf(first, second));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.fault));
  return parsed.value.broker;
}

function secondOf(first: string, second: string): NonNullable<BrokersConfig["second"]> {
  const { second: found } = accept(first, second);
  if (found === undefined) throw new Error("there is no second broker");
  return found;
}

for (const [first, second, path, found, expected] of MISTAKES) {
  test(`${JSON.stringify(second)} beside ${JSON.stringify(first)} is answered at ${path}`, () => {
    const parsed = parseGatewayConfig(textOf(first, second));
    if (parsed.ok) throw new Error("it was accepted");
    assert.is(parsed.fault.path, path);
    assert.is(parsed.fault.found, found);
    assert.match(parsed.fault.expected, expected);
  });
}

test("one broker is enough, and its logins are made for the site unless it has a name of its own", () => {
  const parsed = parseGatewayConfig(textOf(FIRST, undefined));
  assert.ok(parsed.ok);
  assert.is(parsed.value.broker.second, undefined);
  assert.is(firstLoginName(parsed.value.broker, "home"), "home");
  assert.is(firstLoginName(accept(`${FIRST}\nlogin_name = "roof"`, 'url = "mqtt://b"'), "home"), "roof");
});

test("a second broker has certificates or a login of its own", () => {
  const files = 'ca_file = "a.pem"\ncertificate_file = "c.pem"\nkey_file = "k.pem"';
  const second = secondOf(FIRST, `url = "mqtts://b.example"\n${files}`);
  assert.equal([second.ca_file, second.certificate_file, second.key_file], ["a.pem", "c.pem", "k.pem"]);
  assert.is(secondOf(FIRST, 'url = "mqtt://b"\nuser = "u"\npassword_file = "p"').password_file, "p");
});

test("the second broker is shown a signed login when it has a name or a site of its own, and else none", () => {
  assert.is(secondLoginName(secondOf(FIRST, 'url = "mqtt://b"'), "home"), undefined);
  assert.is(secondLoginName(secondOf(FIRST, 'url = "mqtt://b"\nlogin_name = "roof"'), "home"), "roof");
  assert.is(secondLoginName(secondOf(FIRST, 'url = "mqtt://b"\nsite = "depot"'), "home"), "depot");
  assert.is(secondLoginName(secondOf(FIRST, 'url = "mqtt://b"\nsite = "depot"\nlogin_name = "b"'), "home"), "b");
});

test.run();
