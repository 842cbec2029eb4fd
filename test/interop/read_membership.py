"""Judges the vectors of membership by the specifications alone: nothing here is shared with the firmware.

usage: read_membership.py membership.json
Prints one line for each vector that it judges otherwise than the file, then the counts.
"""

import json
import sys

from read_chain import (
    Fact, ROLES, State, UNSIGNED, blob, number, opened, pair, sha256, shaped, to_be_signed, SHAPES, OPTIONAL,
)
from read_join import HIDDEN, Refused, agrees, decode, encode, expect, is_bytes, verifies

DAY = 86_400
LATE = 30 * DAY
RIGHTS = {1: 7, 2: 3, 3: 8}
POINTS = number(1, 4)


def organisation(value):
    is_short = isinstance(value, str) and len(value.encode()) <= 32
    return is_short and not any(low <= ord(each) <= high for each in value for low, high in HIDDEN)


SHAPES["CERT"] = {
    1: number(1, 1), 2: blob(8), 3: blob(72), 5: number(1, 3), 6: organisation, 7: UNSIGNED, 8: UNSIGNED,
    9: number(1, 15), 10: pair(number(0, 1_000_000), POINTS),
}
OPTIONAL["CERT"] = (10,)
SHAPES["JOIN"] = {
    1: number(1, 1), 2: blob(8), 3: blob(72), 4: blob(1, 256), 6: organisation, 8: number(1, 255), 9: number(2, 2),
}
OPTIONAL["JOIN"] = (3, 4, 6, 8, 9)


def inception_of(data):
    inception = decode(data)
    expect(isinstance(inception, list) and len(inception) == 4 and inception[0] == 1, "WIRE_WRONG_SHAPE")
    expect(inception[1] in (1, 2, 3) and is_bytes(inception[2], 33) and is_bytes(inception[3], 32), "WIRE_WRONG_SHAPE")
    return inception


class MemberFact(Fact):
    """A fact of a region with an office."""

    def join(self):
        body = shaped("JOIN", self.payload)
        try:
            expect(9 not in body or (4 in body and 8 not in body), "")
            if 4 in body:
                expect(3 not in body and 6 not in body, "")
                payload, signatures = opened(body[4], 1)
                cert = shaped("CERT", payload)
                inception_of(cert[3])
                return {**body, "cert": cert, "cert payload": payload, "cert signature": signatures[0], 3: cert[3], 6: cert[6]}
            expect(3 in body and 6 in body, "")
            return {**body, "cert": None}
        except Refused:
            raise Refused("WIRE_WRONG_SHAPE") from None


class Members(State):
    def __init__(self, genesis):
        super().__init__(genesis)
        body = decode(genesis)
        expect(body[1] == 2, "WIRE_WRONG_SHAPE")
        self.office_keys, self.admits = body[6][1], body[6][2]
        self.people, self.revoked = {}, {}
        for inception, name in body[5]:
            self.admit(inception, name)

    def admit(self, inception, name):
        did = sha256(encode(["TALLY1/did", inception]))
        _, role, key, digest = decode(inception)
        fresh = {"role": role, "keys": [(key, digest, None)], "replaced": {}, "certs": {}, "name": name}
        return did, self.people.setdefault(did, fresh)

    def join(self, fact, now):
        body, bad = fact.body, lambda holds: expect(holds, "FACT_BAD_JOIN")
        bad(body[2] == self.network)
        _, role, key, _ = decode(body[3])
        did, cert = sha256(encode(["TALLY1/did", body[3]])), body["cert"]
        if cert:
            seconds = cert[8] - cert[7]
            message = to_be_signed(self.network, 1, body["cert payload"])
            bad(cert[2] == self.network and cert[5] == role and cert[9] & ~RIGHTS[role] == 0 and 0 <= seconds <= LATE)
            bad(any(verifies(office, message, body["cert signature"]) for office in self.office_keys))
        bad(cert or self.admits)
        if 8 in body:
            expect(did in self.people and body[8] < len(self.people[did]["keys"]), "FACT_REFERS_UNKNOWN")
            key = self.people[did]["keys"][body[8]][0]
        bad(any(fact.signed_by([each]) for each in (self.office_keys if 9 in body else [key])))
        expect(9 not in body or did in self.people, "FACT_REFERS_UNKNOWN")
        if not cert:
            expect(did not in self.people, "FACT_KNOWN")
            return self.admit(body[3], body[6])[0]
        identity = sha256(message)
        expect(did not in self.people or identity not in self.people[did]["certs"], "FACT_KNOWN")
        bad(now <= cert[8] + LATE)
        person = self.admit(body[3], body[6])[1]
        person["certs"][identity] = cert
        person["name"] = max((each[8], key, each[6]) for key, each in person["certs"].items())[2]
        return did

    def rotate(self, fact, now):
        network, did, count, key, digest, by = (fact.body[place] for place in range(1, 7))
        expect(network == self.network, "FACT_WRONG_NETWORK")
        expect(did in self.people, "FACT_REFERS_UNKNOWN")
        person = self.people[did]
        if count < len(person["keys"]):
            raise Refused("FACT_KNOWN" if person["keys"][count][2] == fact.id else "FACT_CONFLICTS")
        expect(count == len(person["keys"]), "FACT_REFERS_UNKNOWN")
        before, promised, _ = person["keys"][-1]
        expect(sha256(key) == promised, "FACT_NOT_PROMISED")
        permitting = [before] if by == 1 else self.office_keys
        expect(permitting, "FACT_NO_AUTHORITY")
        expect(any(fact.signed_by([first, key]) for first in permitting), "FACT_BAD_SIGNATURE")
        person["replaced"][count - 1] = max(now, self.sealed_at)
        person["keys"].append((key, digest, fact.id))
        return did

    def revoke(self, fact, _):
        network, did, _, since = (fact.body[place] for place in range(1, 5))
        expect(network == self.network, "FACT_WRONG_NETWORK")
        expect(self.revoked.get(did, since + 1) > since, "FACT_KNOWN")
        expect(any(fact.signed_by([office]) for office in self.office_keys), "FACT_BAD_SIGNATURE")
        self.revoked[did] = since
        return did

    def open(self, fact, now):
        """The part of the rules about an OPEN that is about memberships."""
        body, keys = fact.body, []
        for place, (field, role, side) in enumerate(((3, "vehicle", 1), (4, "station", 0))):
            did, count = body[field], body.get(13, [0, 0])[place]
            expect(did in self.people, "FACT_REFERS_UNKNOWN")
            person = self.people[did]
            expect(ROLES[person["role"] - 1] == role, "FACT_WRONG_ROLE")
            expect(count < len(person["keys"]), "FACT_REFERS_UNKNOWN")
            replaced = person["replaced"].get(count)
            in_time = replaced is None or (body[10] < replaced + 120 and now <= replaced + LATE)
            expect(in_time, "FACT_KEY_REPLACED")
            good = [
                cert for cert in person["certs"].values()
                if cert[7] <= body[10] <= cert[8] and cert[9] & 1
                and (10 not in cert or (body[6][11][side] <= cert[10][0] and body[6][19][side] == cert[10][1]))
            ]
            expect(good or self.admits, "FACT_NOT_CERTIFIED")
            keys.append(person["keys"][count][0])
        expect(fact.signed_by(keys), "FACT_BAD_SIGNATURE")
        return body[3]


def tell(genesis, data):
    state = Members(genesis)
    for now, encoded in decode(data):
        fact = MemberFact(encoded, state.network)
        did = state.apply(fact, now)
    person = state.people.get(did, {"keys": [], "certs": {}, "name": ""})
    return {
        "kind": fact.kind, "id": fact.id.hex(), "device": did.hex(), "keys": str(len(person["keys"])),
        "publicKey": person["keys"][-1][0].hex() if person["keys"] else "", "certificates": str(len(person["certs"])),
        "organisation": person["name"], "revokedFrom": str(state.revoked.get(did, "never")),
    }


def main(path):
    with open(path) as file:
        content = json.load(file)
    genesis = bytes.fromhex(content["given"]["genesis"])
    agreed = sum(agrees("MEMBERSHIP", vector, lambda data: tell(genesis, data)) for vector in content["vectors"])
    print(f"{agreed} of {len(content['vectors'])} agreed")


if __name__ == "__main__":
    main(*sys.argv[1:])
