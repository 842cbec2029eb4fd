"""Judges JOINs of a region whose members an office certifies, by the specification of identity alone (4.1 and 5.1): of
the vectors of membership those that are none, with what is wrong with each.

usage: read_certified_join.py membership.json
Prints one line for each vector that it judges otherwise than the file, then the counts.
"""

import json
import sys

from read_chain import opened, sha256, shaped, to_be_signed
from read_join import Refused, decode, encode, expect, judge, verifies
from read_membership import RIGHTS, inception_of

LONGEST = LATE = 30 * 86_400


class Region:
    """Who vouches for members, whether others are taken, and the later keys of those who have rotated."""

    def __init__(self, network, offices, admits, later_keys):
        self.network, self.offices, self.admits, self.later_keys = network, offices, admits, later_keys

    def keys_of(self, did, inception):
        return [inception[2], *self.later_keys.get(did, [])]


def formed(payload):
    """One of the two forms; the certificate's envelope and payload with it."""
    body = shaped("JOIN", payload)
    expect(not (8 in body and 9 in body), "WIRE_WRONG_SHAPE")
    if 4 not in body:
        expect(3 in body and 6 in body and 9 not in body, "WIRE_WRONG_SHAPE")
        return body, None
    expect(3 not in body and 6 not in body, "WIRE_WRONG_SHAPE")
    try:
        payload, signatures = opened(body[4], 1)
        cert = shaped("CERT", payload)
    except Refused:
        raise Refused("WIRE_WRONG_SHAPE") from None
    return body, (cert, payload, signatures[0])


def expect_certificate(region, role, cert, payload, signature):
    expect(cert[2] == region.network, "CERT_WRONG_NETWORK")
    expect(cert[5] == role, "CERT_WRONG_ROLE")
    expect(cert[9] & ~RIGHTS[role] == 0, "CERT_WRONG_RIGHT")
    expect(0 <= cert[8] - cert[7] <= LONGEST, "CERT_WRONG_PERIOD")
    message = to_be_signed(region.network, 1, payload)
    expect(any(verifies(office, message, signature) for office in region.offices), "CERT_BAD_SIGNATURE")


def read_certified_join(envelope, region):
    payload, (signature,) = opened(envelope, 1)
    body, certificate = formed(payload)
    expect(body[2] == region.network, "JOIN_WRONG_NETWORK")
    encoded = certificate[0][3] if certificate else body[3]
    inception = inception_of(encoded)
    did = sha256(encode(["TALLY1/did", encoded]))
    if certificate:
        expect_certificate(region, inception[1], *certificate)
    expect(certificate or region.admits, "JOIN_NOT_CERTIFIED")
    keys = region.keys_of(did, inception)
    expect(body.get(8, 0) < len(keys), "JOIN_UNKNOWN_KEY")
    message = to_be_signed(region.network, 2, payload)
    by = region.offices if 9 in body else [keys[body.get(8, 0)]]
    expect(any(verifies(key, message, signature) for key in by), "JOIN_BAD_SIGNATURE")
    return {"did": did, "role": inception[1], "by itself": 9 not in body, "first key": inception[2], "keys": keys}


def read_other_side(envelope, region, role, own):
    """Who the other side of a handshake is, and with which key it signs; `own` is our device id and first key."""
    expect(len(envelope) <= 448, "JOIN_TOO_LARGE")
    join = read_certified_join(envelope, region)
    expect(join["by itself"], "JOIN_NOT_BY_ITSELF")
    expect(join["role"] == role, "JOIN_WRONG_ROLE")
    expect(join["did"] != own[0] and join["first key"] != own[1], "JOIN_IS_OURS")
    keys = join["keys"]
    return {"device": join["did"].hex(), "publicKey": keys[-1].hex(), "keyNumber": str(len(keys) - 1)}


def reason(region, story):
    """What is wrong with the last JOIN of a story, by itself or because it comes too late."""
    now, fact = decode(story)[-1]
    envelope = decode(fact)[1]
    read_certified_join(envelope, region)
    cert = formed(opened(envelope, 1)[0])[1][0]
    expect(now <= cert[8] + LATE, "CERT_EXPIRED")


def main(path):
    with open(path) as file:
        content = json.load(file)
    given, agreed = {name: bytes.fromhex(value) for name, value in content["given"].items()}, 0
    region = Region(given["network"], [given["office"]], False, {})
    vectors = [vector for vector in content["vectors"] if vector.get("fault") == "FACT_BAD_JOIN"]
    for vector in vectors:
        _, found = judge(vector, lambda data: reason(region, data))
        agreed += found == vector["detail"] or bool(print("JOIN", vector["id"], found))
    print(f"{agreed} of {len(vectors)} agreed")


if __name__ == "__main__":
    main(*sys.argv[1:])
