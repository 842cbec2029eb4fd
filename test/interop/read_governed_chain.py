"""Judges the vectors of a chain whose governors have decided by the specifications alone: nothing here is shared with
the firmware. There are no charges in it, so it can compute the root of every state.

usage: read_governed_chain.py governed-chain.json
Prints one line for each vector that it judges otherwise than the file, then the counts.
"""

import copy
import json
import sys

from decided_fact import DecidedFact
from read_chain import ROLES, opened, read_state, records_in, root, sha256, shaped
from read_join import Refused, agrees, decode, encode, expect
from read_state import tree_hash
from read_voted_chain import VotingState

KNOWN_VERSION = 1


class GovernedState(VotingState):
    fact_class = DecidedFact

    def __init__(self, genesis):
        self.aside = []
        super().__init__(genesis)
        body = decode(genesis)
        self.governors = (body[7][1], body[7][2])
        self.number, self.params_ids, self.pending, self.reconfigs, self.changes = 0, [], [], [], {}
        self.people = {}
        for inception, name in body[5]:
            _, role, key, digest = decode(inception)
            self.note(sha256(encode(["TALLY1/did", inception])), role, name, key, digest)

    def note(self, did, role, name, key, digest):
        self.people[did] = encode({1: role, 2: name, 3: [[key, digest, None, None]], 4: []})

    def join(self, fact, now):
        super().join(fact, now)
        said = {key: bytes.fromhex(fact.body[key]) for key in ("deviceId", "publicKey", "nextKeyDigest")}
        role = ROLES.index(fact.body["role"]) + 1
        self.note(said["deviceId"], role, fact.body["organisation"], said["publicKey"], said["nextKeyDigest"])

    def may_vote(self, did):
        """Not whom governors have left out, until it has sealed in a later slot."""
        return super().may_vote(did) and all(did != each or self.slots.get(did, -1) > slot for each, slot in self.aside)

    def pair_of(self, epoch):
        """And who is left of those before, where governors have begun the epoch."""
        pair = super().pair_of(epoch)
        for each in self.reconfigs:
            if each["epoch"] == epoch:
                return [pair[0], each["rear"]] + ([each["former"]] if each["former"] else [])
        return pair

    def params(self, fact, _):
        """Section 2."""
        network, number, since, rules = (fact.body[key] for key in range(1, 5))
        expect(network == self.network, "FACT_WRONG_NETWORK")
        if number <= self.number:
            place = len(self.params_ids) - 1 - (self.number - number)
            is_known = place < 0 or self.params_ids[place] == fact.id
            raise Refused("FACT_KNOWN" if is_known else "FACT_CONFLICTS")
        expect(number == self.number + 1, "FACT_REFERS_UNKNOWN")
        expect(since >= self.epoch + 2, "FACT_TOO_SOON")
        version, reached = fact.body.get(5), max([self.code_version] + [each[2] or 0 for each in self.pending])
        is_later = len(self.pending) < 8 and all(each[0] <= since for each in self.pending)
        expect(is_later and (version is None or version > reached), "FACT_BAD_PARAMS")
        fact.signers(self.governors)
        self.number, self.params_ids = number, (self.params_ids + [fact.id])[-64:]
        self.pending.append((since, rules, version, fact.id))

    def reconfig(self, fact, now):
        """Section 3."""
        network, checkpoint, committee = fact.body[1], tuple(fact.body[2]), fact.body[3]
        expect(network == self.network, "FACT_WRONG_NETWORK")
        expect(all(each["id"] != fact.id for each in self.reconfigs), "FACT_KNOWN")
        expect(all(each["checkpoint"] != checkpoint for each in self.reconfigs), "FACT_CONFLICTS")
        expect(checkpoint[0] <= self.final[0], "FACT_REFERS_UNKNOWN")
        expect(checkpoint == self.final, "FACT_CONTRADICTS_FINAL")
        expect(not self.reconfigs or self.reconfigs[-1]["serial"] < self.final[0], "FACT_CONFLICTS")
        for did in committee:
            expect(did in self.members, "FACT_REFERS_UNKNOWN")
            expect(self.members[did][0] == "station", "FACT_WRONG_ROLE")
        fact.signers(self.governors)
        self.name(fact, committee, (now - self.started) // self.rules[3])

    def name(self, fact, committee, slot):
        forward, rear = self.pair_of(self.epoch)[:2]
        left_of = lambda before: [did for did in committee if did in before]
        self.reconfigs = (self.reconfigs + [{
            "id": fact.id, "checkpoint": tuple(fact.body[2]), "serial": self.serial + 1, "epoch": self.epoch + 1,
            "committee": committee, "rear": left_of(forward) or committee, "former": left_of(rear),
        }])[-2:]
        seats = forward + [did for did in rear if did not in forward]
        struck = [did for did in seats if did not in committee]
        kept = [each for each in self.aside if each[0] not in committee and each[0] not in struck]
        self.aside = (kept + [(did, slot) for did in struck])[-124:]

    def is_named_in(self, serial):
        return bool(self.reconfigs) and self.reconfigs[-1]["serial"] == serial

    def certify(self, header, certificates):
        expect(not certificates or not self.is_named_in(header[3]), "QUORUM_BESIDE_RECONFIG")
        super().certify(header, certificates)

    def seal(self, header_bytes, facts, results, certificates=()):
        header = shaped("HEADER", opened(header_bytes, 1)[0])
        expect(header[4] != self.id or self.code_version <= KNOWN_VERSION, "BLOCK_NEWER_CODE")
        expect(header[4] != self.id or 7 not in header or header[7] == self.root(), "BLOCK_WRONG_FIELD")
        after = super().seal(header_bytes, facts, results, certificates)
        if after.is_named_in(after.serial):
            after.begin_epoch(after.reconfigs[-1]["committee"])
        elif after.epoch > self.epoch:
            after.bring_into_force()
        return after

    def bring_into_force(self):
        for since, changes, version, _ in self.pending:
            if since <= self.epoch:
                self.changes = {**self.changes, **changes}
                self.code_version = version or self.code_version
        rules = {**self.rules, **self.changes}
        self.rules, self.most, self.is_spread = rules, rules[19], rules[21]
        self.pending = [each for each in self.pending if each[0] > self.epoch]

    def root(self):
        """Ledger, section 3.3: of the tables only those of members and of sealers have anything in them."""
        tallies = {did: encode({1: 0, 2: 0, 3: 0, 4: slot, 5: [0, 0, []]}) for did, slot in self.slots.items()}
        tables = [self.people, {}, {}, {}, {}, tallies, {}, {}]
        log = {1: len(self.log), 2: peaks(self.log)}
        head = {1: self.serial, 2: self.id, 3: self.sealed_at, 4: log, 5: self.miners[-100:]}
        roots, finality = [tree_hash(list(each.items())) for each in tables], sha256(encode(self.finality()))
        return sha256(encode(["TALLY1/state", roots, bytes(32), finality, head]))

    def finality(self):
        points = [[serial, identity, epoch] for (serial, identity), epoch in self.checkpoints.items()]
        place = {4: self.epoch, 5: self.committees, 6: self.boundary, 7: self.next, 8: self.governance()}
        return {1: [list(each) for each in self.justified], 2: list(self.final), 3: points, **place}

    def governance(self):
        """Section 4."""
        params = [
            {1: identity, 2: since, 3: rules, **({} if version is None else {4: version})}
            for since, rules, version, identity in self.pending
        ]
        names = ("id", "checkpoint", "serial", "epoch", "committee", "rear", "former")
        reconfigs = [
            {place + 1: list(each[name]) if name == "checkpoint" else each[name] for place, name in enumerate(names)}
            for each in self.reconfigs
        ]
        aside = [{1: did, 2: slot} for did, slot in self.aside]
        rules = {1: self.number, 2: self.params_ids, 3: self.changes, 4: self.code_version}
        return {**rules, 5: params, 6: reconfigs, 7: aside}

    def decided(self):
        return {
            "number": str(self.number), "codeVersion": str(self.code_version),
            "waiting": ", ".join(str(each[0]) for each in self.pending),
            "reconfigured": ", ".join(
                f"{each['serial']} {each['epoch']} {len(each['rear'])} {len(each['former'])}" for each in self.reconfigs
            ),
            "setAside": ", ".join(f"{did.hex()} {slot}" for did, slot in self.aside),
        }


def peaks(leaves):
    """Roots of the perfect trees of which the log is made, the largest first."""
    found, at = [], 0
    for bit in reversed(range(len(leaves).bit_length())):
        if len(leaves) >> bit & 1:
            found.append(root(leaves[at : at + (1 << bit)]))
            at += 1 << bit
    return found


def judge_facts(state, data):
    after, now = copy.deepcopy(state), state.sealed_at + state.rules[2]
    for encoded in decode(data):
        after.apply(DecidedFact(encoded, state.network), now)
    return after.decided()


def judge_records(records, data):
    state, _ = read_state(records + decode(data), GovernedState)
    return {
        "serial": str(state.serial), "head": state.id.hex(), "epoch": str(state.epoch), "boundary": str(state.boundary),
        "chainFinal": str(state.final[0]), "committee": " ".join(did.hex() for did in state.committees[-1]),
        "blockSeconds": str(state.rules[2]), **state.decided(),
    }


def main(path):
    with open(path) as file:
        content = json.load(file)
    records = records_in(content["given"])
    state, _ = read_state(records, GovernedState)
    expect(state.id.hex() == content["given"]["head"], "GIVEN")
    readers = {"fact": lambda data: judge_facts(state, data), "block": lambda data: judge_records(records, data)}
    agreed = sum(agrees("GOVERNED", vector, readers[vector["flags"][0]]) for vector in content["vectors"])
    print(f"{agreed} of {len(content['vectors'])} agreed")


if __name__ == "__main__":
    main(*sys.argv[1:])
