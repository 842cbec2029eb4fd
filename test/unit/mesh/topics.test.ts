import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  gatewayFilters,
  isSite,
  meshRoot,
  parseTopic,
  publishOptions,
  topicName,
  type MeshTopic,
} from "#core/mesh/topics.ts";
import { judgePublication, judgeSubscription } from "#core/mesh/topic-access.ts";

const test = suite("mesh topics");

const ROOT = meshRoot(Uint8Array.of(0, 1, 2, 3, 0xfc, 0xfd, 0xfe, 0xff), "depot-1");
const BASE = "tally1/00010203fcfdfeff/depot-1";
const OWN = "aa".repeat(32);
const OWN8 = "aa".repeat(8);
const OTHER8 = "bb".repeat(8);
const TOKEN = "0123456789abcdef".repeat(2);

const TABLE: readonly (readonly [MeshTopic, string, 0 | 1, boolean])[] = [
  [{ kind: "offer", station: OWN8, evse: 1 }, `offer/${OWN8}/1`, 1, true],
  [{ kind: "offer", station: OWN8, evse: 99 }, `offer/${OWN8}/99`, 1, true],
  [{ kind: "handshake", station: OWN8 }, `hs/${OWN8}`, 1, false],
  [{ kind: "reply", token: TOKEN }, `r/${TOKEN}`, 1, false],
  [{ kind: "fact", class: "open" }, "tx/open", 1, false],
  [{ kind: "fact", class: "rep" }, "tx/rep", 1, false],
  [{ kind: "fact", class: "fin" }, "tx/fin", 1, false],
  [{ kind: "fact", class: "mem" }, "tx/mem", 1, false],
  [{ kind: "fact", class: "evd" }, "tx/evd", 1, false],
  [{ kind: "block" }, "blk", 1, false],
  [{ kind: "vote" }, "vote", 1, false],
  [{ kind: "tip", node: OWN8 }, `tip/${OWN8}`, 0, true],
  [{ kind: "query", node: OWN8 }, `q/${OWN8}`, 1, false],
];

test("the topic table builds and parses, with the delivery of each topic", () => {
  for (const [topic, name, qos, retain] of TABLE) {
    assert.is(topicName(ROOT, topic), `${BASE}/${name}`);
    assert.equal(parseTopic(ROOT, `${BASE}/${name}`), topic);
    assert.equal(publishOptions(topic), { qos, retain });
  }
});

test("what differs from a topic by a hair is none", () => {
  const names = [
    ...["", "offer", `offer/${OWN8}`, `offer/${OWN8}/0`, `offer/${OWN8}/01`, `offer/${OWN8}/100`, `offer/${OWN8}/1/`],
    ...[`offer/${OWN8}/1/2`, `offer/${OWN8.toUpperCase()}/1`, `offer/${OWN8}a/1`, `offer//1`, `offer/${OWN8}/+`],
    ...["hs", "hs/", `hs/${OWN8.slice(1)}`, `hs/${OWN8} `, `r/${TOKEN.slice(1)}`, `r/${TOKEN}0`, "r/+", "tx", "tx/"],
    ...[
      "tx/opens",
      "tx/Open",
      "tx/#",
      "blk/",
      "blk/1",
      "Blk",
      "vote/x",
      `tip/${OWN8}/1`,
      "q/constructor",
      "x".repeat(200),
    ],
  ];
  for (const name of names) assert.is(parseTopic(ROOT, `${BASE}/${name}`), undefined, name);
});

test("another network, another site and another tree are not ours", () => {
  for (const root of [
    "tally1/00010203fcfdfeff/depot-2",
    "tally1/00010203fcfdfefe/depot-1",
    "tally2/00010203fcfdfeff/depot-1",
  ]) {
    assert.is(parseTopic(ROOT, `${root}/blk`), undefined);
  }
  assert.is(parseTopic(ROOT, "$SYS/blk"), undefined);
  assert.is(parseTopic(ROOT, `${BASE}blk`), undefined);
});

test("a site name has 1 to 16 of a-z, 0-9 and -", () => {
  for (const site of ["a", "depot-1", "0".repeat(16)]) assert.ok(isSite(site));
  for (const site of ["", "0".repeat(17), "Depot", "depot 1", "a/b", "+", "#", "ü", "a\n"]) assert.not.ok(isSite(site));
  assert.throws(() => meshRoot(new Uint8Array(7), "a"), /bug/);
});

test("building a topic that could not be parsed is a bug", () => {
  assert.throws(() => topicName(ROOT, { kind: "tip", node: "short" }), /bug/);
  assert.throws(() => topicName(ROOT, { kind: "offer", station: OWN8, evse: 0 }), /bug/);
});

test("everybody publishes everything except another's offer and tip", () => {
  for (const [topic, name, qos] of TABLE) {
    const asked = { topic: `${BASE}/${name}`, qos, retain: false };
    assert.equal(judgePublication(ROOT, OWN, asked), { ok: true, value: topic });
  }
  for (const name of [`offer/${OTHER8}/1`, `tip/${OTHER8}`]) {
    const asked = `${BASE}/${name}`;
    const verdict = judgePublication(ROOT, OWN, { topic: asked, qos: 0, retain: true });
    assert.equal(verdict, { ok: false, fault: { code: "MESH_TOPIC_OF_ANOTHER", asked } });
  }
});

test("only offers and tips are retained, and nothing goes at QoS 2", () => {
  for (const [topic, name] of TABLE) {
    const retained = judgePublication(ROOT, OWN, { topic: `${BASE}/${name}`, qos: 0, retain: true });
    assert.is(retained.ok, topic.kind === "offer" || topic.kind === "tip", name);
    const twice = judgePublication(ROOT, OWN, { topic: `${BASE}/${name}`, qos: 2, retain: false });
    assert.is(twice.ok ? "" : twice.fault.code, "MESH_WRONG_QOS");
  }
});

test("a gateway's own filters are granted to it and, where addressed, to nobody else", () => {
  const filters = gatewayFilters(ROOT, OWN8, TOKEN);
  assert.is(filters.length, 8);
  for (const filter of filters) assert.ok(judgeSubscription(ROOT, OWN, filter).ok, filter);
  const refused = filters.filter((filter) => !judgeSubscription(ROOT, "bb".repeat(32), filter).ok);
  assert.equal(refused, [`${BASE}/hs/${OWN8}`, `${BASE}/q/${OWN8}`]);
});

test("filters that read more than one kind of topic are too wide", () => {
  const wide = [
    "#",
    "+",
    "+/+",
    "r/+",
    "hs/+",
    "q/+",
    "tx/#",
    "offer/#",
    "offer/+",
    "tip/#",
    "+/open",
    "blk/#",
    "offer/+/+/+",
  ];
  for (const filter of wide) {
    const verdict = judgeSubscription(ROOT, OWN, `${BASE}/${filter}`);
    assert.is(verdict.ok ? "" : verdict.fault.code, "MESH_FILTER_TOO_WIDE", filter);
  }
  for (const filter of ["#", "+/+/+/blk", "$SYS/#", "tally1/#", `tally1/+/depot-1/blk`, `${BASE}/nothing`, BASE]) {
    assert.not.ok(judgeSubscription(ROOT, OWN, filter).ok, filter);
  }
  for (const filter of [
    "offer/+/+",
    `offer/${OTHER8}/+`,
    "offer/+/1",
    "tx/+",
    "tip/+",
    `tip/${OTHER8}`,
    `r/${TOKEN}`,
  ]) {
    assert.ok(judgeSubscription(ROOT, OWN, `${BASE}/${filter}`).ok, filter);
  }
});

test.run();
