"""Judges the vectors of votes and quorum certificates by the specification of finality alone: nothing here is shared
with the firmware.

usage: read_votes.py votes.json
Prints one line for each vector that it judges otherwise than the file, then the counts.
"""

import hashlib
import json
import sys

from read_chain import HASH, SHAPES, UNSIGNED, blob, opened, pair, several, shaped, to_be_signed
from read_join import agrees, decode, encode, expect, verifies

VOTE = 31
POINT = pair(UNSIGNED, HASH)
SHAPES["VOTE"] = {1: blob(8), 2: UNSIGNED, 3: POINT, 4: POINT, 5: HASH}
SHAPES["QC"] = {1: blob(8), 2: UNSIGNED, 3: POINT, 4: POINT, 5: blob(1, 8), 6: several(blob(64), 1, 62)}


def upward(kind, payload):
    body = shaped(kind, payload)
    expect(body[4][0] > body[3][0], "WIRE_WRONG_SHAPE")
    return body


def tell_vote(network, keys, data):
    payload, (signature,) = opened(data, 1)
    body = upward("VOTE", payload)
    expect(body[1] == network, "VOTE_WRONG_NETWORK")
    message = to_be_signed(network, VOTE, payload)
    expect(body[5] in keys and verifies(keys[body[5]], message, signature), "VOTE_BAD_SIGNATURE")
    point = lambda key: f"{body[key][0]} {body[key][1].hex()}"
    return {
        "id": hashlib.sha256(message).hexdigest(), "epoch": str(body[2]), "source": point(3), "target": point(4),
        "member": body[5].hex(),
    }


class Finality:
    def __init__(self, network, keys, head):
        self.network, self.keys = network, keys
        self.step, self.epoch_points, genesis, committee = head
        self.final, self.justified = (0, genesis), {0: genesis}
        self.points = {0: (genesis, 0)}
        self.epoch, self.committees = 0, {-1: committee, 0: committee}
        self.boundary, self.next = self.step * self.epoch_points, None

    def check(self, body):
        (low, source), (high, target) = body[3], body[4]
        expect(self.points.get(high, (None,))[0] == target, "QUORUM_UNKNOWN_TARGET")
        expect(self.points.get(low, (None,))[0] == source, "QUORUM_UNKNOWN_SOURCE")
        expect(self.points[high][1] == body[2], "QUORUM_WRONG_EPOCH")
        expect(self.justified.get(low) == source, "QUORUM_SOURCE_NOT_JUSTIFIED")
        expect(high not in self.justified or (low + self.step == high and low > self.final[0]), "QUORUM_NOTHING_NEW")
        expect(body[1] == self.network, "QUORUM_WRONG_NETWORK")
        forward, rear = self.committees[body[2]], self.committees[body[2] - 1]
        seats = forward + [did for did in rear if did not in forward]
        expect(len(body[5]) == (len(seats) + 7) // 8, "QUORUM_WRONG_SEATS")
        bits = [seat for seat in range(8 * len(body[5])) if body[5][seat // 8] >> seat % 8 & 1]
        expect(all(seat < len(seats) for seat in bits) and len(bits) == len(body[6]), "QUORUM_WRONG_SEATS")
        voters = [seats[seat] for seat in bits]
        for committee in (forward, rear):
            expect(sum(did in committee for did in voters) > 2 * len(committee) // 3, "QUORUM_TOO_FEW")
        for did, signature in zip(voters, body[6]):
            payload = encode({1: self.network, 2: body[2], 3: body[3], 4: body[4], 5: did})
            message = to_be_signed(self.network, VOTE, payload)
            expect(did in self.keys and verifies(self.keys[did], message, signature), "QUORUM_BAD_SIGNATURE")

    def take(self, body):
        (low, source), (high, target) = body[3], body[4]
        self.justified[high] = target
        if low + self.step == high and low > self.final[0]:
            self.final = (low, source)

    def grow(self, serial, identity, certificates, chosen):
        for encoded in certificates:
            expect(len(encoded) <= 4608, "WIRE_WRONG_SHAPE")
            body = upward("QC", encoded)
            self.check(body)
            self.take(body)
        if serial % self.step == 0:
            self.points[serial] = (identity, self.epoch)
        if serial == self.boundary:
            self.next = chosen
        if self.next is not None and self.final[0] >= self.boundary:
            self.epoch += 1
            self.committees[self.epoch] = self.next or self.committees[self.epoch - 1]
            self.boundary = -(-serial // self.step) * self.step + self.step * self.epoch_points
            self.next = None


def tell_chain(network, keys, data):
    *head, blocks = decode(data)
    chain = Finality(network, keys, head)
    for place, block in enumerate(blocks):
        chain.grow(place + 1, *block)
    kept = sorted(serial for serial in chain.justified if serial >= chain.final[0])
    return {
        "epoch": str(chain.epoch), "final": str(chain.final[0]), "justified": " ".join(map(str, kept)),
        "highest": chain.justified[kept[-1]].hex(), "boundary": str(chain.boundary),
    }


def main(path):
    with open(path) as file:
        content = json.load(file)
    network = bytes.fromhex(content["given"]["network"])
    keys = {did: key for did, key in decode(bytes.fromhex(content["given"]["members"]))}
    agreed = 0
    for vector in content["vectors"]:
        tell = tell_vote if vector["id"].startswith("vote") else tell_chain
        agreed += agrees("VOTES", vector, lambda data: tell(network, keys, data))
    print(f"{agreed} of {len(content['vectors'])} agreed")


if __name__ == "__main__":
    main(*sys.argv[1:])
