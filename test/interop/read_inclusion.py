"""Judges the vectors of proofs of inclusion by the specifications of ledger, finality and governance alone: nothing
here is shared with the firmware.

usage: read_inclusion.py inclusion.json
Prints one line for each vector that it judges otherwise than the file, then the counts.
"""

import json
import sys

from decided_fact import DecidedFact
from read_chain import HASH, SHAPES, UNSIGNED, blob, number, opened, pair, several, sha256, shaped, to_be_signed
from read_join import Refused, agrees, decode, encode, expect, is_bytes, verifies
from read_voted_chain import VotingState, quorum

HANDOFF_BYTES = 32 * 1024
SHAPES["RESULT"] = {
    1: HASH, 2: number(1, 4), 3: UNSIGNED, 4: UNSIGNED, 5: UNSIGNED, 6: UNSIGNED, 7: UNSIGNED, 8: number(1, 5),
    9: lambda value: type(value) is int, 10: UNSIGNED, 11: number(0, 3), 12: number(1, 255), 13: number(1, 6),
    14: number(0, 3),
}


class Header:
    def __init__(self, data, network):
        expect(len(data) <= 1024, "WIRE_WRONG_SHAPE")
        payload, _ = opened(data, 1)
        self.body = shaped("HEADER", payload)
        self.id = sha256(to_be_signed(network, 30, payload))


def leads_to(leaf, index, count, path, wanted):
    """RFC 6962, 2.1.1: walks from a leaf to the root."""
    node, last, rest = sha256(b"\x00" + leaf), count - 1, list(path)
    if index >= count:
        return False
    while last > 0:
        if index & 1 or index < last:
            if not rest:
                return False
            other = rest.pop(0)
            node = sha256(b"\x01" + (other + node if index & 1 else node + other))
        index, last = index >> 1, last >> 1
    return not rest and node == wanted


def keys_of(value, needed, optional=()):
    expect(isinstance(value, dict) and set(needed) <= set(value) <= {*needed, *optional}, "WIRE_WRONG_SHAPE")


def path_of(value, most):
    expect(several(HASH, 0, most)(value), "WIRE_WRONG_SHAPE")
    return value


def facts_of(value):
    expect(several(blob(1, 4096), 0, 248)(value), "WIRE_WRONG_SHAPE")
    return value


def unless(code, read, *said):
    """What `read` finds; anything that it refuses is that fault."""
    try:
        return read(*said)
    except Refused:
        raise Refused(code) from None


def readable(read, *said):
    return unless("FINALITY_UNREADABLE", read, *said)


class Vouched:
    def __init__(self, value):
        keys_of(value, (1, 3), (2,))
        expect(blob(1, 4608)(value[1]) and (2 not in value or blob(1, 1024)(value[2])), "WIRE_WRONG_SHAPE")
        self.certificate, self.checkpoint, self.path = value[1], value.get(2), path_of(value[3], 53)

    def read_link(self):
        link = shaped("QC", self.certificate)
        expect(link[4][0] > link[3][0], "WIRE_WRONG_SHAPE")
        return link


class Handoff:
    def __init__(self, data, network):
        value = decode(data)
        keys_of(value, (1, 2, 3, 4), (5,))
        self.header = Header(value[1], network)
        expect(several(blob(72), 0, 31)(value[2]), "WIRE_WRONG_SHAPE")
        self.inceptions, self.vouched, self.rotations = value[2], Vouched(value[3]), facts_of(value[4])
        self.named = [sha256(encode(["TALLY1/did", each])) for each in value[2]]
        self.reconfigured = self.read_place(value[5]) if 5 in value else None

    @staticmethod
    def read_place(value):
        expect(isinstance(value, list) and len(value) == 4 and blob(1, 4096)(value[0]), "WIRE_WRONG_SHAPE")
        expect(number(0, 512)(value[1]) and number(1, 512)(value[2]), "WIRE_WRONG_SHAPE")
        return *value[:3], path_of(value[3], 16)

    def people(self):
        return [person(each) for each in self.inceptions]


def person(inception):
    form = decode(inception)
    expect(isinstance(form, list) and len(form) == 4 and form[0] == 1 and form[1] in (1, 2, 3), "WIRE_WRONG_SHAPE")
    expect(is_bytes(form[2], 33) and is_bytes(form[3], 32), "WIRE_WRONG_SHAPE")
    return sha256(encode(["TALLY1/did", inception])), (form[2], form[3], None)


class Trust:
    """An epoch, its committees, and the keys of members: from the genesis on."""

    def __init__(self, genesis):
        state, body = VotingState(genesis), decode(genesis)
        self.network, self.step, self.epoch, self.since = state.network, state.rules[18], 0, 0
        self.committees = [state.committees[0], state.committees[0]]
        self.keys = {did: [key] for did, key in (person(inception) for inception, _ in body[5])}
        self.office = body[6][1] if 6 in body else []
        self.governors = (body[7][1], body[7][2]) if 7 in body else ([], None)

    def rotate(self, encoded):
        fact = readable(DecidedFact, encoded, self.network)
        expect(fact.kind == "ROTATE", "FINALITY_UNREADABLE")
        _, did, count, key, digest, by = (fact.body[place] for place in range(1, 7))
        proven = lambda holds: expect(holds, "FINALITY_NOT_PROVEN")
        proven(fact.body[1] == self.network and did in self.keys)
        if count < len(self.keys[did]):
            proven(self.keys[did][count][2] == fact.id)
            return
        before, promised, _ = self.keys[did][-1]
        proven(count == len(self.keys[did]) and sha256(key) == promised)
        proven(any(fact.signed_by([first, key]) for first in ([before] if by == 1 else self.office)))
        self.keys[did].append((key, digest, fact.id))

    def has_signed(self, did, link, signature):
        vote = encode({1: link[1], 2: link[2], 3: link[3], 4: link[4], 5: did})
        message = to_be_signed(self.network, 31, vote)
        return any(verifies(key, message, signature) for key, _, _ in self.keys.get(did, []))

    def vouch(self, vouched, header, epoch, committees):
        """That the block is final: section 7.3."""
        link = readable(vouched.read_link)
        is_link = link[1] == self.network and link[2] == epoch and link[4][0] == link[3][0] + self.step
        expect(is_link, "FINALITY_NOT_PROVEN")
        self.expect_votes(link, committees)
        if vouched.checkpoint is None:
            expect([header.body[3], header.id] == link[3], "FINALITY_NOT_PROVEN")
            return
        source = readable(Header, vouched.checkpoint, self.network)
        expect([source.body[3], source.id] == link[3], "FINALITY_NOT_PROVEN")
        is_under = leads_to(header.id, header.body[3], source.body[3], vouched.path, source.body[8])
        expect(is_under, "FINALITY_NOT_PROVEN")

    def expect_votes(self, link, committees):
        forward, rear = committees[:2]
        seats = forward + [did for did in rear if did not in forward]
        places = [place for place in range(8 * len(link[5])) if link[5][place >> 3] >> (place & 7) & 1]
        fits = len(link[5]) == (len(seats) + 7) // 8 and all(place < len(seats) for place in places)
        expect(fits and len(places) == len(link[6]), "FINALITY_NOT_PROVEN")
        voters = [seats[place] for place in places]
        has_quorum = all(each and sum(did in each for did in voters) >= quorum(each) for each in committees)
        expect(has_quorum, "FINALITY_NOT_PROVEN")
        signed = all(self.has_signed(did, link, signature) for did, signature in zip(voters, link[6]))
        expect(signed, "FINALITY_NOT_PROVEN")

    def hand_over(self, encoded):
        handoff = readable(Handoff, encoded, self.network)
        if handoff.reconfigured:
            self.reconfigure(handoff)
            return
        named, header = handoff.named, handoff.header
        expect(header.body.get(16) == sha256(encode(named)), "FINALITY_NOT_PROVEN")
        self.learn(handoff.rotations)
        self.vouch(handoff.vouched, header, self.epoch, self.committees)
        self.admit(readable(handoff.people))
        self.epoch, self.committees = self.epoch + 1, [named or self.committees[0], self.committees[0]]
        self.since = header.body[3]

    def learn(self, rotations):
        for encoded in rotations:
            self.rotate(encoded)

    def admit(self, people):
        for did, key in people:
            self.keys.setdefault(did, [key])

    def reconfigure(self, handoff):
        """Voters whom governors have named vouch for the block with their names: governance, section 3."""
        encoded, index, count, path = handoff.reconfigured
        header, named, forward, rear = handoff.header, handoff.named, *self.committees[:2]
        fact = readable(DecidedFact, encoded, self.network)
        expect(fact.kind == "RECONFIG", "FINALITY_UNREADABLE")
        unless("FINALITY_NOT_PROVEN", fact.signers, self.governors)
        is_named = fact.body[3] == named and self.since <= fact.body[2][0] < header.body[3]
        expect(is_named and leads_to(fact.id, index, count, path, header.body[5]), "FINALITY_NOT_PROVEN")
        self.admit(readable(handoff.people))
        self.learn(handoff.rotations)
        former = [did for did in rear if did in named]
        committees = [named, [did for did in forward if did in named] or named] + ([former] if former else [])
        self.vouch(handoff.vouched, header, self.epoch + 1, committees)
        self.epoch, self.committees, self.since = self.epoch + 1, committees, header.body[3] + 1


class Inclusion:
    """The outermost form, and the header; what is in its byte strings is read where it is needed."""

    def __init__(self, data, network):
        value = decode(data)
        keys_of(value, range(1, 8))
        expect(several(blob(1, HANDOFF_BYTES), 0, 8192)(value[1]), "WIRE_WRONG_SHAPE")
        self.handoffs = value[1]
        keys_of(value[2], (1, 2))
        self.vouched, self.rotations = Vouched(value[2][1]), facts_of(value[2][2])
        self.header = Header(value[3], network)
        expect(pair(number(1, 2), blob(1, 4096))(value[4]), "WIRE_WRONG_SHAPE")
        self.is_fact, self.leaf = value[4][0] == 2, value[4][1]
        expect(number(0, 512)(value[5]) and number(1, 512)(value[6]), "WIRE_WRONG_SHAPE")
        self.index, self.count, self.path = value[5], value[6], path_of(value[7], 16)

    def read_leaf(self, network):
        if self.is_fact:
            return DecidedFact(self.leaf, network).id
        shaped("RESULT", self.leaf)
        return self.leaf


def prove(genesis, data):
    """The header of the final block that a proof is about, and the epoch that its handoffs lead to."""
    trust = Trust(genesis)
    proof = unless("INCLUSION_UNREADABLE", Inclusion, data, trust.network)
    for encoded in proof.handoffs:
        trust.hand_over(encoded)
    trust.learn(proof.rotations)
    trust.vouch(proof.vouched, proof.header, trust.epoch, trust.committees)
    wanted = proof.header.body[5 if proof.is_fact else 6]
    leaf = unless("INCLUSION_UNREADABLE", proof.read_leaf, trust.network)
    expect(leads_to(leaf, proof.index, proof.count, proof.path, wanted), "INCLUSION_NOT_PROVEN")
    return proof.header, trust.epoch


def main(path):
    with open(path) as file:
        content = json.load(file)
    genesis = bytes.fromhex(content["given"]["genesis"])

    def read(data):
        return prove(genesis, data)[0].id.hex()

    agreed = sum(agrees("INCLUSION", vector, read) for vector in content["vectors"])
    print(f"{agreed} of {len(content['vectors'])} agreed")


if __name__ == "__main__":
    main(*sys.argv[1:])
