"""Judges the vectors of chains with votes by the specifications alone: nothing here is shared with the firmware. It takes the
results that the records hold, and does not compute the root of the state.

usage: read_voted_chain.py facts.json voted-chain.json
Prints one line for each vector that it judges otherwise than the file, then the counts.
"""

import json
import sys

from read_chain import (
    HASH, OPTIONAL, SHAPES, State, UNSIGNED, blob, pair, opened, read_state, records_in, root, several, sha256, shaped,
    ship, to_be_signed,
)
from read_join import Refused, agrees, decode, encode, expect, verifies

KEPT = 4096
SHAPES["QC"] = {
    1: blob(8), 2: UNSIGNED, 3: pair(UNSIGNED, HASH), 4: pair(UNSIGNED, HASH), 5: blob(1, 8),
    6: several(blob(64), 1, 62),
}
OPTIONAL["QC"] = ()


def quorum(members):
    return 2 * len(members) // 3 + 1


class VotingState(State):
    """A state with what its chain says of finality, and what is known beside that of votes that were heard."""

    def __init__(self, genesis):
        super().__init__(genesis)
        origin = (0, self.genesis_id)
        self.per_checkpoint, self.most, self.per_epoch, self.is_spread = (self.rules[key] for key in (18, 19, 20, 21))
        self.justified, self.final, self.checkpoints = [origin], origin, {origin: 0}
        self.epoch, self.committees, self.next = 0, [], None
        self.boundary = self.per_epoch * self.per_checkpoint
        self.uncounted, self.links = [], set()
        self.committees = [self.committee()]

    def committee(self):
        """Seats: stations with a history that may vote (in an open region only authorities), filled up with others."""
        stations = [did for did, (role, _, _) in self.members.items() if role == "station" and self.may_vote(did)]
        history = {did: self.others(did, self.sealed_at) for did in stations}
        ranked = sorted(stations, key=lambda did: (-sum(history[did].values()), sha256(self.id + did)))
        counted = [
            did for did in ranked
            if sum(history[did].values()) >= self.rules[7] and sum(map(bool, history[did].values())) >= self.rules[8]
        ]
        expect(not self.is_spread or len({self.members[did][2] for did in counted}) < 4, "NOT_JUDGED_HERE")
        seated, wanted = counted[: self.most], min(4, self.most)
        return seated if len(seated) >= wanted else (seated + [did for did in ranked if did not in seated])[:wanted]

    def may_vote(self, did):
        return did in self.authorities

    def pair_of(self, epoch):
        """The committee of an epoch and the one before it: each needs its quorum."""
        place = len(self.committees) - 1 - (self.epoch - epoch)
        expect(0 <= place < len(self.committees), "QUORUM_WRONG_EPOCH")
        return [self.committees[place], self.committees[max(0, place - 1)]]

    def expect_place(self, body):
        source, target = tuple(body[3]), tuple(body[4])
        expect(target in self.checkpoints, "QUORUM_UNKNOWN_TARGET")
        expect(source in self.checkpoints or source in self.justified, "QUORUM_UNKNOWN_SOURCE")
        expect(self.checkpoints[target] == body[2], "QUORUM_WRONG_EPOCH")
        return source, target

    def expect_quorum(self, body):
        expect(body[1] == self.network, "QUORUM_WRONG_NETWORK")
        committees = self.pair_of(body[2])
        forward, rear = committees[:2]
        seats = forward + [did for did in rear if did not in forward]
        expect(len(body[5]) == (len(seats) + 7) // 8, "QUORUM_WRONG_SEATS")
        places = [place for place in range(8 * len(body[5])) if body[5][place >> 3] >> (place & 7) & 1]
        expect(all(place < len(seats) for place in places) and len(places) == len(body[6]), "QUORUM_WRONG_SEATS")
        voters = [seats[place] for place in places]
        expect(all(sum(did in each for did in voters) >= quorum(each) for each in committees), "QUORUM_TOO_FEW")
        for did, signature in zip(voters, body[6]):
            vote = encode({1: body[1], 2: body[2], 3: body[3], 4: body[4], 5: did})
            message = to_be_signed(self.network, 31, vote)
            expect(verifies(self.members[did][1], message, signature), "QUORUM_BAD_SIGNATURE")

    def certify(self, header, certificates):
        """Section 3.2, with the facts and results applied; the id and the time are still those of the block before."""
        bodies = [shaped("QC", each) for each in certificates]
        for body in bodies:
            source, target = self.expect_place(body)
            expect(source in self.justified, "QUORUM_SOURCE_NOT_JUSTIFIED")
            is_final = target[0] == source[0] + self.per_checkpoint and source[0] > self.final[0]
            expect(is_final or target not in self.justified, "QUORUM_NOTHING_NEW")
            self.expect_quorum(body)
            self.links.add((source, target))
            self.justified = sorted(set(self.justified) | {target})
            if is_final:
                self.final = source
                self.justified = [each for each in self.justified if each[0] >= source[0]]
                self.checkpoints = {each: epoch for each, epoch in self.checkpoints.items() if each[0] >= source[0]}
        self.sessions += [session for serial, session in self.uncounted if serial <= self.final[0]]
        self.uncounted = [each for each in self.uncounted if each[0] > self.final[0]]
        if header[3] == self.boundary:
            self.next = self.committee()
        links = [encode([body[2], body[3], body[4]]) for body in bodies]
        expected = {
            13: list(self.justified[-1]),
            16: sha256(encode(self.next)) if header[3] == self.boundary else None,
            17: root(links) if links else None,
        }
        expect(all(header.get(key) == value for key, value in expected.items()), "BLOCK_WRONG_FIELD")

    def close(self, results, header):
        counted = len(self.sessions)
        super().close(results, header)
        self.uncounted += [(header[3], session) for session in self.sessions[counted:]]
        del self.sessions[counted:]

    def seal(self, header_bytes, facts, results, certificates=()):
        header = shaped("HEADER", opened(header_bytes, 1)[0])
        expect(header[4] == self.id or header[3] > self.known()[1][0], "CHAIN_CONTRADICTS_FINAL")
        after = super().seal(header_bytes, facts, results, certificates)
        if after.serial % after.per_checkpoint == 0:
            after.checkpoints[(after.serial, after.id)] = after.epoch
            after.checkpoints = dict(list(after.checkpoints.items())[-KEPT:])
        if after.next is not None and after.final[0] >= after.boundary:
            after.begin_epoch(after.next or after.committees[-1])
        return after

    def begin_epoch(self, committee):
        self.epoch += 1
        self.committees = (self.committees + [committee])[-3:]
        least = self.serial + self.per_epoch * self.per_checkpoint
        self.boundary, self.next = -(-least // self.per_checkpoint) * self.per_checkpoint, None

    def hear(self, content):
        """Section 7.1, for a certificate that stands in no block."""
        try:
            expect(len(content) <= 4608, "")
            body = shaped("QC", content)
        except Refused:
            raise Refused("JOURNAL_BAD_CERTIFICATE") from None
        if body[4][0] <= self.known()[1][0]:
            return
        self.expect_quorum_at(body)

    def expect_quorum_at(self, body):
        link = self.expect_place(body)
        self.expect_quorum(body)
        self.links.add(link)

    def known(self):
        """Section 7: the highest justified checkpoint and the final one, by all certificates that are here."""
        origin = (0, self.genesis_id)
        justified, final = {origin}, origin
        for source, target in sorted(self.links, key=lambda link: link[1]):
            if source in justified:
                justified.add(target)
        for source, target in self.links:
            if source in justified and target[0] == source[0] + self.per_checkpoint and source[0] > final[0]:
                final = source
        return max(justified), final


def main(facts_path, path):
    with open(facts_path) as facts_file, open(path) as file:
        facts, vectors = json.load(facts_file), json.load(file)
    ship(facts)
    given = vectors["given"]
    records = records_in(given)
    state, _ = read_state(records, VotingState)
    committees = "; ".join(" ".join(did.hex() for did in each) for each in state.committees)
    expect(state.id.hex() == given["head"] and committees == given["committees"], "GIVEN")

    def read(data):
        state, _ = read_state(records + decode(data), VotingState)
        justified, final = state.known()
        return {
            "serial": str(state.serial), "head": state.id.hex(), "final": str(final[0]), "justified": str(justified[0]),
            "chainFinal": str(state.final[0]), "epoch": str(state.epoch),
        }

    agreed = sum(agrees("CHAIN", vector, read) for vector in vectors["vectors"])
    print(f"{agreed} of {len(vectors['vectors'])} agreed")


if __name__ == "__main__":
    main(*sys.argv[1:])
