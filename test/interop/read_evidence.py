"""Judges the vectors of evidence by the specifications alone: nothing here is shared with the firmware.

usage: read_evidence.py evidence.json
Prints one line for each vector that it judges otherwise than the file, then the counts.
"""

import json
import sys

from read_chain import HASH, KINDS, SHAPES, OPTIONAL, UNSIGNED, blob, number, opened, pair, sha256, shaped, to_be_signed
from read_join import Refused, agrees, decode, encode, expect, verifies
from read_membership import LATE, MemberFact, Members

DAY = 86_400
STRIKES, COUNTED = (1, 2), (3, 4)
NAMES = {30: "HEADER", 31: "VOTE", 21: "REPORT", 22: "COMPLETE", 23: "CANCEL", 1: "CERT", 3: "ROTATE"}
OBJECTS = {1: (30,), 2: (31,), 3: (21,), 4: (21, 22, 23), 5: (21,), 6: (1,), 7: (3,)}

KINDS[33] = "EVIDENCE"
SHAPES["EVIDENCE"] = {1: blob(8), 2: number(1, 7), 3: HASH, 4: blob(1, 1032), 5: blob(1, 1032)}
CHECKPOINT = pair(UNSIGNED, HASH)
SHAPES["VOTE"] = {1: blob(8), 2: UNSIGNED, 3: CHECKPOINT, 4: CHECKPOINT, 5: HASH}
SHAPES["HEADER"] = {**SHAPES["HEADER"], 7: HASH, 13: CHECKPOINT, 16: HASH, 17: HASH}
OPTIONAL["HEADER"] = (7, 13, 16, 17)


class Shown:
    """One of the two objects of a piece."""

    def __init__(self, data, network):
        try:
            parts = decode(data)
            assert isinstance(parts, list) and len(parts) == 2
            assert type(parts[0]) is int and parts[0] in NAMES and isinstance(parts[1], bytes)
        except (AssertionError, Refused):
            raise Bad("EVIDENCE_UNREADABLE") from None
        self.purpose = parts[0]
        try:
            self.payload, self.signatures = opened(parts[1], 2 if self.purpose == 3 else 1)
            self.body = shaped(NAMES[self.purpose], self.payload)
        except Refused as refused:
            raise Bad(str(refused)) from None
        self.message = to_be_signed(network, self.purpose, self.payload)
        self.id = sha256(self.message)

    def network(self):
        return self.body.get({30: 2, 31: 1, 1: 2, 3: 1}.get(self.purpose))


class Bad(Refused):
    """A piece that proves nothing."""


def registers(report):
    total, rows = 0, []
    for step in report[5]:
        total += step
        rows.append(total)
    return rows


def contradicts(kind, left, right):
    one, other = left.body, right.body
    if kind == 1:
        return one[9] == other[9] and one[11] == other[11]
    if kind == 2:
        low, high = sorted((one, other), key=lambda vote: vote[4][0])
        return one[5] == other[5] and (low[4][0] == high[4][0] or high[3][0] < low[3][0])
    if kind == 3:
        return (one[1], one[2], one[3]) == (other[1], other[2], other[3])
    if kind == 4:
        return (one[1], one[2]) == (other[1], other[2]) and beside(left, right)
    if kind == 5:
        return one[1] != other[1] and all(each[2] == 2 and each[9] & 4 == 0 for each in (one, other))
    if kind == 6:
        return one[3] == other[3] and one[6] != other[6] and one[7] <= other[8] and other[7] <= one[8]
    return (one[2], one[3]) == (other[2], other[3])


def beside(left, right):
    purposes = (left.purpose, right.purpose)
    if purposes == (21, 21):
        return False
    if set(purposes) != {21, 22}:
        return True
    report, complete = (left, right) if left.purpose == 21 else (right, left)
    count = complete.body[4]
    return (
        report.body[3] >= count
        or (report.body[3] == count - 1 and report.id != complete.body[5])
        or registers(report.body)[-1] > complete.body[3]
    )


def flow(report, opening):
    rises = [place for place, step in enumerate(report[5]) if place > 0 and step > 0]
    if not rises:
        return None
    at = lambda place: opening[10] + (report[4] + place) * opening[6][5]
    return at(rises[0] - 1), at(rises[-1])


class Region(Members):
    def __init__(self, genesis):
        super().__init__(genesis)
        self.started, self.rules = decode(genesis)[3], decode(genesis)[4]
        self.charges, self.misconduct = {}, {}

    def apply(self, fact, now):
        rule = getattr(self, fact.kind.lower())
        return rule(fact, now)

    def open(self, fact, now):
        super().open(fact, now)
        body = fact.body
        address = sha256(encode(["TALLY1/txAddr", self.network, body[6][2], sha256(fact.payload)]))
        log = lambda: {"reports": [], "complete": None, "cancel": None}
        self.charges[address] = {"open": body, "id": fact.id, 1: log(), 2: log(), "upheld": {}, "voided": {}}

    def word(self, fact):
        expect(fact.body[1] in self.charges, "FACT_REFERS_UNKNOWN")
        charge, role = self.charges[fact.body[1]], fact.body[2]
        expect(fact.id not in charge["voided"].get(role, ()), "FACT_CONFLICTS")
        expect(any(fact.signed_by([key]) for key in self.keys_of(self.did_of(charge, role))), "FACT_BAD_SIGNATURE")
        return charge, charge[role]

    def report(self, fact, _):
        charge, side = self.word(fact)
        expect(side["cancel"] is None and fact.body[3] == len(side["reports"]), "FACT_CONFLICTS")
        expect(fact.body[6] == (side["reports"] or [charge["id"]])[-1], "FACT_CONFLICTS")
        side["reports"].append(fact.id)

    def complete(self, fact, _):
        self.word(fact)[1]["complete"] = fact.id

    def cancel(self, fact, _):
        self.word(fact)[1]["cancel"] = fact.id

    def did_of(self, charge, role):
        return charge["open"][4 if role == 1 else 3]

    def keys_of(self, did):
        return [key for key, _, _ in self.people[did]["keys"]]

    def evidence(self, fact, now):
        network, kind, member, first, second = (fact.body[place] for place in range(1, 6))
        expect(network == self.network, "FACT_WRONG_NETWORK")
        expect(member in self.people, "FACT_REFERS_UNKNOWN")
        one, other = self.read(kind, first, second)
        did, keys, accept = self.offence(fact, now, (one, other))
        replaced = self.people[member]["replaced"]
        heard = [key for place, key in enumerate(self.keys_of(member)) if now <= replaced.get(place, now) + LATE]
        expect(any(fact.signed_by([key]) for key in heard), "FACT_BAD_SIGNATURE")
        for shown in (one, other):
            for signature, able in zip(shown.signatures, keys):
                expect(any(verifies(key, shown.message, signature) for key in able), "FACT_BAD_SIGNATURE")
        accept()
        return did

    def read(self, kind, first, second):
        one, other = Shown(first, self.network), Shown(second, self.network)
        for shown in (one, other):
            if shown.purpose not in OBJECTS[kind]:
                raise Bad("EVIDENCE_WRONG_OBJECT")
        for shown in (one, other):
            if shown.network() not in (None, self.network):
                raise Bad("EVIDENCE_WRONG_NETWORK")
        if one.id == other.id:
            raise Bad("EVIDENCE_SAME_OBJECT")
        if kind not in COUNTED and one.id > other.id:
            raise Bad("EVIDENCE_WRONG_ORDER")
        if not contradicts(kind, one, other):
            raise Bad("EVIDENCE_NO_CONTRADICTION")
        return one, other

    def offence(self, fact, now, objects):
        kind, (one, other) = fact.body[2], objects
        if kind in COUNTED:
            return self.words(fact, now, objects)
        if kind == 5:
            openings = []
            for shown in objects:
                expect(shown.body[1] in self.charges, "FACT_REFERS_UNKNOWN")
                openings.append(self.charges[shown.body[1]]["open"])
            flows = [flow(shown.body, opening) for shown, opening in zip(objects, openings)]
            apart = openings[0][3] != openings[1][3] or openings[0][4] == openings[1][4]
            if apart or None in flows or flows[0][0] >= flows[1][1] or flows[1][0] >= flows[0][1]:
                raise Bad("EVIDENCE_NO_CONTRADICTION")
        did = {
            1: lambda: one.body[9], 2: lambda: one.body[5], 5: lambda: openings[0][3],
            6: lambda: sha256(encode(["TALLY1/did", one.body[3]])), 7: lambda: one.body[2],
        }[kind]()
        keys = None
        if kind == 7:
            expect(did in self.people and one.body[3] <= len(self.people[did]["keys"]), "FACT_REFERS_UNKNOWN")
            before, promised, _ = self.people[did]["keys"][one.body[3] - 1]
            expect(all(sha256(shown.body[4]) == promised for shown in objects), "FACT_NOT_PROMISED")
            keys = [[before, *self.office_keys], [one.body[4]]]
        expect(did in self.people, "FACT_REFERS_UNKNOWN")
        known = self.misconduct.get(did, {"shown": {}})["shown"].get(kind)
        if known:
            since, serial, identity = known
            is_old = (kind == 1 and self.started + one.body[11] * self.rules[3] <= since) or (
                kind == 2 and max(shown.body[4][0] for shown in objects) <= serial
            )
            expect(not is_old and now > since + 180 * DAY and identity != fact.id, "FACT_KNOWN")
        keys = keys or ([self.office_keys] if kind == 6 else [self.keys_of(did)])
        return did, keys, lambda: self.write_down(did, kind, fact, now)

    def words(self, fact, now, objects):
        (one, other), member = objects, fact.body[3]
        expect(one.body[1] in self.charges, "FACT_REFERS_UNKNOWN")
        charge, role = self.charges[one.body[1]], one.body[2]
        did, is_first = self.did_of(charge, role), role not in charge["upheld"]
        upheld, voided = set(charge["upheld"].get(role, ())), set(charge["voided"].get(role, ()))
        is_choice = member == self.did_of(charge, 3 - role)
        expect(not (is_choice and (other.id in upheld or one.id in voided)), "FACT_CONFLICTS")
        is_news = is_choice and not (other.id in voided and one.id in upheld)
        expect(is_first or is_news, "FACT_KNOWN")

        def accept():
            if is_news:
                upheld.add(one.id)
                voided.add(other.id)
                self.take_away(charge[role], other)
            charge["upheld"][role], charge["voided"][role] = upheld, voided
            if is_first:
                self.write_down(did, fact.body[2], fact, now)

        return did, [self.keys_of(did)], accept

    @staticmethod
    def take_away(side, word):
        if word.purpose == 21 and word.id in side["reports"]:
            side["reports"] = side["reports"][: side["reports"].index(word.id)]
        for name in ("complete", "cancel"):
            side[name] = None if side[name] == word.id else side[name]

    def write_down(self, did, kind, fact, now):
        fresh = {"shown": {}, "struck": None, "contradictions": []}
        entry = self.misconduct.setdefault(did, fresh)
        entry["shown"][kind] = (now, 1, fact.id)
        if kind in COUNTED:
            entry["contradictions"] = [at for at in entry["contradictions"] if at > now - 90 * DAY] + [now]
        if kind in STRIKES or len(entry["contradictions"]) == 3:
            entry["struck"] = now
        if len(entry["contradictions"]) == 3:
            entry["contradictions"] = []


def tell(genesis, data):
    state = Region(genesis)
    for now, encoded in decode(data):
        fact = MemberFact(encoded, state.network)
        did = state.apply(fact, now)
    entry = state.misconduct[did]
    told = {
        "kind": " ".join(map(str, sorted(entry["shown"]))), "id": fact.id.hex(), "device": did.hex(),
        "struckAt": str(entry["struck"] or "never"), "contradictions": " ".join(map(str, entry["contradictions"])),
    }
    if fact.body[2] not in COUNTED:
        return told
    word = Shown(fact.body[4], state.network).body
    charge, role = state.charges[word[1]], word[2]
    side, listed = charge[role], lambda ids: " ".join(each.hex() for each in sorted(ids))
    return {
        **told, "upheld": listed(charge["upheld"][role]), "voided": listed(charge["voided"][role]),
        "reports": str(len(side["reports"])), "head": (side["reports"] or [charge["id"]])[-1].hex(),
        "hasCompleted": str(side["complete"] is not None).lower(), "hasCancelled": str(side["cancel"] is not None).lower(),
    }


def main(path):
    with open(path) as file:
        content = json.load(file)
    genesis, agreed = bytes.fromhex(content["given"]["genesis"]), 0
    for vector in content["vectors"]:
        reason = vector["detail"] if vector.get("fault") == "FACT_BAD_EVIDENCE" else None
        agreed += agrees("EVIDENCE", vector, lambda data: tell(genesis, data), reason)
    print(f"{agreed} of {len(content['vectors'])} agreed")


if __name__ == "__main__":
    main(*sys.argv[1:])
