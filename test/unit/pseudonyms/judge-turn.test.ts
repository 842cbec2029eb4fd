/** Which identity follows on which, and when. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { judgeTurn, turnEndsAt, type PreparedPseudonym } from "#core/identity/pseudonym-turn.ts";

const DAY = 86_400;
const BEGAN = 1_790_000_000;
const FIRST = { number: 1, since: BEGAN };
const OPEN = { days: 90, needsCertificate: false };
const CERTIFIED = { days: 90, needsCertificate: true };
const OVER = BEGAN + 90 * DAY;

const test = suite("pseudonyms, whose turn it is");

function certified(number: number, fromDay: number, days = 30): PreparedPseudonym {
  const notBefore = BEGAN + fromDay * DAY;
  return { number, certificate: { notBefore, notAfter: notBefore + days * DAY } };
}

test("a turn lasts its days to the second, and for ever without a number of them", () => {
  const given = { prepared: [{ number: 2 }], unused: 3 };
  assert.equal(judgeTurn(FIRST, OPEN, { now: OVER - 1, ...given }), { kind: "lasts", until: OVER });
  assert.equal(judgeTurn(FIRST, OPEN, { now: OVER, ...given }), { kind: "over", next: { number: 2, since: OVER } });
  const forEver = { days: 0, needsCertificate: false };
  assert.equal(judgeTurn(FIRST, forEver, { now: 2 * OVER, ...given }), { kind: "lasts", until: undefined });
  assert.is(turnEndsAt(FIRST, forEver), undefined);
});

test("where nobody certifies the lowest later one follows, or one that is yet to be made", () => {
  const prepared = [{ number: 7 }, { number: 3 }, { number: 1 }, { number: 2 }];
  const next = judgeTurn({ number: 2, since: BEGAN }, OPEN, { now: OVER, prepared, unused: 8 });
  assert.equal(next, { kind: "over", next: { number: 3, since: OVER } });
  const made = judgeTurn({ number: 7, since: BEGAN }, OPEN, { now: OVER, prepared, unused: 8 });
  assert.equal(made, { kind: "over", next: { number: 8, since: OVER } });
  // The folder 9 is there, and its keys cannot be read.
  assert.equal(judgeTurn({ number: 7, since: BEGAN }, OPEN, { now: OVER, prepared, unused: 10 }), {
    kind: "over",
    next: { number: 10, since: OVER },
  });
});

test("where certificates are needed one in force follows, and its days count from that certificate", () => {
  const prepared = [certified(4, 270), certified(3, 180), certified(2, 90), { number: 5 }];
  const judge = (day: number, turn = FIRST) =>
    judgeTurn(turn, CERTIFIED, { now: BEGAN + day * DAY, prepared, unused: 6 });
  assert.equal(judge(100), { kind: "over", next: { number: 2, since: OVER } });
  assert.equal(judge(120), { kind: "over", next: { number: 2, since: OVER } });
  assert.equal(judge(121), { kind: "alone" }, "the second's was not used in time, and the third's is not in force yet");
  assert.equal(judge(180), { kind: "over", next: { number: 3, since: BEGAN + 180 * DAY } });
  assert.equal(judge(301), { kind: "alone" }, "one without a certificate is none");
  // Never back, whatever is in force.
  assert.equal(judge(195, { number: 3, since: BEGAN }), { kind: "alone" });
});

test("a car that is late each time does not fall behind the office", () => {
  let turn = FIRST;
  const prepared = Array.from({ length: 40 }, (_, place) => certified(place + 2, 90 * (place + 1)));
  for (let round = 1; round <= 40; round += 1) {
    const now = BEGAN + (90 * round + 25) * DAY;
    const verdict = judgeTurn(turn, CERTIFIED, { now, prepared, unused: 42 });
    assert.is(verdict.kind, "over", `round ${round}`);
    if (verdict.kind === "over") turn = verdict.next;
    assert.is(turn.number, round + 1);
  }
});

test.run();
