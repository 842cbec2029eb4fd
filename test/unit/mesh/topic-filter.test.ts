import { suite } from "uvu";
import * as assert from "uvu/assert";
import { matchesFilter } from "#core/mesh/topic-filter.ts";

const test = suite("topic filter");

/** The examples of MQTT 3.1.1, sections 4.7.1 and 4.7.2, and some between them. */
test("filters match as the standard's examples say", () => {
  const matches = [
    ["sport/tennis/player1/#", "sport/tennis/player1"],
    ["sport/tennis/player1/#", "sport/tennis/player1/ranking"],
    ["sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon"],
    ["sport/#", "sport"],
    ["#", "sport/tennis"],
    ["sport/tennis/+", "sport/tennis/player1"],
    ["sport/+", "sport/"],
    ["+/+", "/finance"],
    ["/+", "/finance"],
    ["+/tennis/#", "sport/tennis"],
    ["$SYS/#", "$SYS/"],
    ["$SYS/monitor/+", "$SYS/monitor/Clients"],
    ["a/b", "a/b"],
  ] as const;
  for (const [filter, topic] of matches) assert.ok(matchesFilter(filter, topic), `${filter} ${topic}`);
  const others = [
    ["sport/tennis/+", "sport/tennis/player1/ranking"],
    ["sport/+", "sport"],
    ["+", "/finance"],
    ["#", "$SYS/broker"],
    ["+/monitor/Clients", "$SYS/monitor/Clients"],
    ["a/b", "a/B"],
    ["a/b", "a"],
    ["a", "a/b"],
    ["a/+/c", "a/b/d"],
  ] as const;
  for (const [filter, topic] of others) assert.not.ok(matchesFilter(filter, topic), `${filter} ${topic}`);
});

test.run();
