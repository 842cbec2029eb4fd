"""Computes the root of the state at every checkpoint of the given chains, charges and histories included, by the
specification of the ledger alone: nothing here is shared with the firmware. Results are taken as the records hold them.

usage: read_rooted_chain.py facts.json chain.json voted-chain.json
Prints one line for each root that is another than the header's, then the counts.
"""

import json
import sys
from math import isqrt

from read_chain import HEALING, ROLES, State, code_hash, opened, read_state, records_in, sha256, shaped, ship
from read_governed_chain import peaks
from read_join import decode, encode
from read_state import tree_hash
from read_voted_chain import VotingState

STATES = ["OPEN", "ACTIVE", "COMPLETING", "SETTLED", "DISPUTED", "ABANDONED", "CANCELLED"]
COMPARISON, LAPSE, DISAGREE = 1, 5, 3


def root_up(number):
    least = isqrt(number)
    return least if least * least == number else least + 1


def rounded_up(number, by):
    return -(-number // by)


def towards_zero(number, by):
    return number // by if number >= 0 else -(-number // by)


def without(body, *keys):
    return {key: value for key, value in body.items() if key not in keys}


def errors_in(result, terms):
    """Section 5: what a settled charge says about the errors of both sides."""
    least = max(1_000_000, 100 * max(terms[20]), 50 * rounded_up(terms[8] * 2000, 3600))
    if result[13] != COMPARISON or result[8] in (DISAGREE, 5) or result[3] < least:
        return None
    half_band = rounded_up(terms[12][1] - terms[12][0], 2)
    vehicle = 7 * root_up(terms[11][1] ** 2 + half_band**2) // 8
    return [result[9], result[10] - terms[18], [terms[11][0], vehicle]]


class Rooted:
    """Beside what a state of the ledger is judged by, what its root is made of: section 3.3."""

    roots = []

    def __init__(self, genesis):
        super().__init__(genesis)
        self.people, self.programs, self.tallies, self.pairs, self.waiting = {}, {}, {}, {}, []
        for inception, name in decode(genesis)[5]:
            _, role, key, digest = decode(inception)
            self.note(sha256(encode(["TALLY1/did", inception])), role, name, key, digest)

    def note(self, did, role, name, key, digest):
        self.people[did] = encode({1: role, 2: name, 3: [[key, digest, None, None]], 4: []})

    def tally(self, did):
        return self.tallies.setdefault(did, {1: 0, 2: 0, 3: 0, 4: -1, 5: [0, 0, []]})

    def apply(self, fact, now):
        super().apply(fact, now)
        if fact.kind == "JOIN":
            body = {key: bytes.fromhex(fact.body[key]) for key in ("deviceId", "publicKey", "nextKeyDigest")}
            role = ROLES.index(fact.body["role"]) + 1
            self.note(body["deviceId"], role, fact.body["organisation"], body["publicKey"], body["nextKeyDigest"])
        elif fact.kind == "CODE":
            self.programs[code_hash(fact.body[4])] = encode(fact.body[4])
        elif fact.kind == "OPEN":
            charge = list(self.charges.values())[-1]
            charge.update(id=fact.id, since=None, result=None, news=True, closed=None)
        else:
            self.change(self.charges[fact.body[1]], fact.kind, now)

    @staticmethod
    def change(charge, kind, now):
        charge["news"] = True
        if kind == "COMPLETE" and charge["since"] is None:
            charge["since"] = now
        if kind == "RESOLVE":
            charge["closed"] = None

    def close(self, results, header):
        for encoded in results:
            self.close_one(decode(encoded), encoded, header)
        for charge in self.charges.values():
            if charge["closed"] is None and charge["result"] is not None:
                charge["news"] = False
                self.close_for_good(charge, header[12])

    def close_one(self, body, encoded, header):
        charge = self.charges[body[1]]
        before = charge["result"] and charge["result"][2]
        counted = len(self.sessions) + len(getattr(self, "uncounted", []))
        super().close([encoded], header)
        for did in (charge["open"][3], charge["open"][4]):
            for state in (1, 2, 3):
                self.tally(did)[state] += (body[2] == state) - (before == state)
        charge["result"] = body
        if len(self.sessions) + len(getattr(self, "uncounted", [])) > counted:
            station, vehicle, start = ([each for _, each in getattr(self, "uncounted", [])] or self.sessions)[-1]
            self.waiting.append([header[3], station, vehicle, start, errors_in(body, charge["open"][6])])

    @staticmethod
    def close_for_good(charge, now):
        body, terms = charge["result"], charge["open"][6]
        healed = min(charge["open"][11], charge["opened"] + terms[10]) + terms[15] + HEALING
        is_settled = body[2] == 1 and (body[13] == COMPARISON or now > healed)
        if is_settled or body[2] == 4 or body[13] == LAPSE:
            charge["closed"] = charge["open"][11] + terms[15] + HEALING

    def certify(self, header, certificates):
        super().certify(header, certificates)
        final = self.final[0] if self.rules[17] == 2 else header[3]
        for session in [each for each in self.waiting if each[0] <= final]:
            self.count(*session[1:])
        self.waiting = [each for each in self.waiting if each[0] > final]

    def count(self, station, vehicle, start, errors):
        for own, other in ((station, vehicle), (vehicle, station)):
            count, starts = self.pairs.get((own, other), (0, []))
            self.pairs[(own, other)] = (count + 1, sorted(starts + [start])[-(self.rules[9] or 1000) :])
        if errors:
            self.err(station, vehicle, errors, 0)
            self.err(vehicle, station, errors, 1)

    def err(self, own, other, errors, side):
        total, votes, recent = self.tally(own)[5]
        difference, expanded, allowances = errors
        if expanded <= 0 or other in recent:
            return
        step = towards_zero((-difference - allowances[side]) * 1000, expanded) - 50
        total = max(0, min(10_000, total + max(-1000, min(1000, step))))
        self.tally(own)[5] = [total, votes + 1, (recent + [other])[-4:]]

    def seal(self, header_bytes, facts, results, certificates=()):
        header = shaped("HEADER", opened(header_bytes, 1)[0])
        if 7 in header and header[4] == self.id:
            self.roots.append((header[3], header[7], self.root()))
        after = super().seal(header_bytes, facts, results, certificates)
        after.tally(header[9])[4] = header[11]
        return after

    def root(self):
        slots = {bytes([number]) + did: encode(each) for (did, number), each in self.code_slots.items()}
        tables = [
            self.people, {}, self.programs, slots,
            {self.pair_key(pair): encode(list(each)) for pair, each in self.pairs.items()},
            {did: encode(each) for did, each in self.tallies.items()}, {},
            {address: self.charge_value(each) for address, each in self.charges.items()},
        ]
        log = {1: len(self.log), 2: peaks(self.log)}
        head = {1: self.serial, 2: self.id, 3: self.sealed_at, 4: log, 5: self.miners[-100:]}
        roots, finality = [tree_hash(list(each.items())) for each in tables], sha256(encode(self.finality()))
        return sha256(encode(["TALLY1/state", roots, self.uncounted_root(), finality, head]))

    @staticmethod
    def pair_key(pair):
        return bytes(byte for both in zip(*pair) for byte in both)

    def uncounted_root(self):
        found = bytes(32)
        for serial, station, vehicle, start, errors in self.waiting:
            found = sha256(found + encode({1: serial, 2: station, 3: vehicle, 4: start, 5: [1, 2], 6: errors}))
        return found

    def finality(self):
        if self.rules[17] == 1:
            origin, boundary = [0, self.genesis_id], self.rules[18] * self.rules[20]
            return {1: [origin], 2: origin, 3: [origin + [0]], 4: 0, 5: [self.first_committee], 6: boundary, 7: None}
        points = [[serial, identity, epoch] for (serial, identity), epoch in self.checkpoints.items()]
        justified = [list(each) for each in self.justified]
        place = {4: self.epoch, 5: self.committees, 6: self.boundary, 7: self.next}
        return {1: justified, 2: list(self.final), 3: points, **place}

    @staticmethod
    def charge_value(charge):
        terms, log_of = charge["open"][6], lambda log: [
            len(log["ids"]), log["head"], log["register"], log["next"], bool(log["ids"]) and charge["closed"] is None,
        ]
        said = lambda body: None if body is None else without(body, 1, 2)
        made = sorted(charge["proposals"].items())
        proposals = [[said(body) for (side, _), body in made if side == role] for role in (1, 2)]
        ends = [said(charge["ends"].get(role)) for role in (1, 2)]
        rest = {
            1: charge["id"], 2: without(charge["open"], 6), 3: STATES.index(charge["state"]) + 1,
            4: [log_of(charge["logs"][role]) for role in (1, 2)], 5: ends,
            6: [role in charge["cancelled"] for role in (1, 2)], 7: proposals,
            8: charge["ruling"] and without(charge["ruling"], 1), 9: charge["since"], 10: charge["serial"],
            11: charge["opened"], 12: charge["result"] and without(charge["result"], 1), 13: charge["news"],
            14: [None, None],
        }
        return encode([encode(terms), encode(rest), charge["closed"]])


class RootedState(Rooted, State):
    first_committee = []


class RootedVotingState(Rooted, VotingState):
    pass


def main(facts_path, chain_path, voted_path):
    with open(facts_path) as facts_file:
        ship(json.load(facts_file))
    for path, region in ((chain_path, RootedState), (voted_path, RootedVotingState)):
        with open(path) as file:
            read_state(records_in(json.load(file)["given"]), region)
    agreed = 0
    for serial, wanted, found in Rooted.roots:
        agreed += wanted == found or bool(print("ROOT before block", serial, found.hex(), "instead of", wanted.hex()))
    print(f"{agreed} of {len(Rooted.roots)} agreed")


if __name__ == "__main__":
    main(*sys.argv[1:])
