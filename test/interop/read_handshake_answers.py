"""Judges what can come at each place of a handshake by its specification alone, and writes the answers: nothing here is
shared with the firmware.

usage: read_handshake_answers.py handshake.json
Prints one line for each vector that it judges otherwise than the file, then the counts.
"""

import json
import sys

from read_certified_join import Region, read_other_side
from read_chain import sha256, shaped, to_be_signed
from read_handshake import (
    NONCE, ChaCha20Poly1305, Run, is_resolved, key_for, mac, member, opens, plain_of, public_of, read_message,
    read_offer, shared_x, sign,
)
from read_join import Refused, agrees, decode, encode, expect, verifies

WORDS = {
    "TERMS": 1, "OFFER_UNKNOWN": 2, "OFFER_EXPIRED": 3, "EVSE_BUSY": 4, "FLOOR_LIMIT": 5, "NOT_ADMITTED": 6,
    "BAD_SIGNATURE": 7, "REFERENCE_UNKNOWN": 8, "WRONG_OPEN": 9, "CLOCK": 10, "NOT_PLUGGED": 11,
}
STATION = 1
NAMES = {number: name for name, number in WORDS.items()}
JOIN_WORDS = {
    "JOIN_BAD_SIGNATURE": "BAD_SIGNATURE", "CERT_BAD_SIGNATURE": "BAD_SIGNATURE", "JOIN_NOT_CERTIFIED": "NOT_ADMITTED",
    "JOIN_UNKNOWN_KEY": "NOT_ADMITTED",
}


def agree(terms, want):
    """What `given` says that both sides agree on; None for nothing."""
    if want[3] > terms[11][1]:
        return None
    return {**terms, 9: min(terms[9], want[1]), 10: min(terms[10], want[2])}


def seal(key, aad, plain):
    return ChaCha20Poly1305(key).encrypt(NONCE, plain, aad)


def said(message=b"", ends=""):
    return {"says": message.hex(), "ends": ends}


class Places:
    """Both sides of a run, each of which is asked at a place of it."""

    def __init__(self, run):
        self.run, self.given, self.network = run, run.given, run.network
        self.now = int.from_bytes(self.given["wallSecondsBigEndian"], "big")
        self.own, self.other = run.vehicle["deviceId"], run.station["deviceId"]

    def is_valid(self, offer):
        return offer[7] - 60 <= self.now <= offer[8] + 60

    def offer(self, data):
        offer, identity, _ = read_offer(data, self.network, self.own)
        expect(self.is_valid(offer), "OFFER_EXPIRED")
        given, hello = self.given, self.run.hello
        greeting = encode({
            1: 1, 2: self.network, 3: public_of(given["vehicleEphemeralSecret"]), 4: given["vehicleNonce"], 5: identity,
            6: offer[4], 7: hello[7], 8: given["vehicleToken"], 9: hello[9],
        })
        return said(encode({0: 11, 1: self.named(greeting), 2: greeting}))

    def named(self, greeting):
        return sha256(encode(["TALLY1/hsId", self.network, greeting]))[:16]

    def m1(self, data):
        kind, message = read_message(data)
        expect(kind == "M1", "UNEXPECTED_MESSAGE")
        expect(message[1] == self.named(message[2]), "WRONG_ID")
        hello = shaped("hello", message[2])
        expect(hello[2] == self.network, "WRONG_NETWORK")
        expect(hello[6] <= 2, "NOT_PLUGGED")
        given = self.given
        x, half = shared_x(given["stationEphemeralSecret"], hello[3]), public_of(given["stationEphemeralSecret"])
        th2 = sha256(encode(["TALLY1/hs2", self.network, hello[5], message[2], half, given["stationNonce"]]))
        sealed = seal(key_for(mac(th2, x), "s1"), th2, self.verdict(hello, th2))
        return said(encode({0: 12, 1: message[1], 2: half, 3: given["stationNonce"], 4: sealed}))

    def verdict(self, hello, th2):
        """The station's yes or no, signed; outlet and offer are those of the hello."""
        run, place = self.run, [1, th2, bytes.fromhex(self.other), hello[6], hello[5]]
        terms, is_known = agree(run.offered[5], hello[7]), hello[5] == run.offer_id
        if is_known and terms:
            parts = ["TALLY1/auth", *place, sha256(encode(terms)), run.start, True]
            return encode({1: self.given["stationJoin"], 2: terms, 3: run.start, 4: True, 5: self.vouch(parts)})
        word = WORDS["TERMS" if is_known else "OFFER_UNKNOWN"]
        counter = run.sent["OFFER"] if terms and not is_known and hello[6] == run.offered[4] else None
        parts = ["TALLY1/refusal", *place, word, sha256(counter) if counter else bytes(32)]
        no = {1: self.given["stationJoin"], 5: self.vouch(parts), 9: word}
        return encode({**no, 6: counter} if counter else no)

    def vouch(self, parts):
        return sign(self.given["stationIdentitySecret"], to_be_signed(self.network, 16, encode(parts)))

    def m2(self, data):
        kind, message = read_message(data)
        expect(message[1] == self.run.handshake, "ANOTHER_HANDSHAKE")
        if kind == "RETRY":
            return said(encode({**decode(self.run.sent["M1"]), 3: message[2]}))
        expect(kind == "M2", "UNEXPECTED_MESSAGE")
        run = self.run
        th2 = sha256(encode(["TALLY1/hs2", self.network, run.offer_id, run.greeting, message[2], message[3]]))
        prk = mac(th2, shared_x(self.given["vehicleEphemeralSecret"], message[2]))
        body = plain_of("M2", opens(key_for(prk, "s1"), th2, message[4]))
        self.expect_station(body, th2)
        if 9 in body:
            return said(ends=NAMES[body[9]])
        th3 = sha256(encode(["TALLY1/hs3", th2, sha256(message[4])]))
        if body[2] != agree(run.offered[5], run.hello[7]):
            return said(self.promise(prk, th3, {9: WORDS["TERMS"]}), "TERMS")
        named = [run.offered[6]] + ([run.hello[9]] if body[4] else [])
        block, before = max(named, key=lambda each: each[0]), decode(run.contract)
        contract = {**before, 7: th3, 8: block, 9: [body[3], before[9][1]]}
        payload = encode(contract)
        signature = sign(self.given["vehicleIdentitySecret"], to_be_signed(self.network, 20, payload))
        return said(self.promise(prk, th3, {1: self.given["vehicleJoin"], 2: payload, 3: signature}))

    def promise(self, prk, th3, content):
        return encode({0: 13, 1: self.run.handshake, 2: seal(key_for(prk, "e1"), th3, encode(content))})

    def expect_station(self, body, th2):
        join, offer = member(body[1], self.network, "station", self.own), self.run.offered
        expect(join["deviceId"] == self.other, "WRONG_STATION")
        place = [1, th2, offer[3], offer[4], self.run.offer_id]
        if 9 in body:
            parts = ["TALLY1/refusal", *place, body[9], sha256(body[6]) if 6 in body else bytes(32)]
        else:
            parts = ["TALLY1/auth", *place, sha256(encode(body[2])), body[3], body[4]]
        signed = to_be_signed(self.network, 16, encode(parts))
        expect(verifies(bytes.fromhex(join["publicKey"]), signed, body[5]), "BAD_SIGNATURE")

    def m3(self, data):
        kind, message = read_message(data)
        expect(kind in ("M1", "M3"), "UNEXPECTED_MESSAGE")
        expect(message[1] == self.run.handshake, "ANOTHER_HANDSHAKE")
        plain = opens(key_for(self.run.prk, "e1"), self.run.th3, message[2])
        th4, ends = sha256(encode(["TALLY1/hs4", self.run.th3, data])), "committed"
        try:
            body = plain_of("M3", plain)
            if 9 in body:
                return said()
            self.expect_open(body)
            signature = sign(self.given["stationIdentitySecret"], to_be_signed(self.network, 20, body[2]))
            answer = {1: signature, 2: self.run.offered[6]}
        except Refused as refused:
            word = str(refused)
            answer, ends = {9: WORDS.get(word, WORDS["WRONG_OPEN"])}, ""
        sealed = seal(key_for(self.run.prk, "s2"), th4, encode(answer))
        return said(encode({0: 14, 1: message[1], 2: sealed}), ends)

    def expect_open(self, body):
        """What an M3 must have, in the order in which it is looked at."""
        run, contract = self.run, shaped("OPEN", body[2])
        try:
            vehicle = member(body[1], self.network, "vehicle", self.other)
        except Refused as refused:
            raise Refused(JOIN_WORDS.get(str(refused), "WRONG_OPEN")) from None
        found = [contract[key] for key in (2, 3, 4, 5, 7)] + [contract[9][0], contract[11], contract.get(13)]
        wanted = [self.network, bytes.fromhex(vehicle["deviceId"]), bytes.fromhex(self.other), run.offered[4], run.th3]
        expect(found == wanted + [run.start, contract[10] + contract[6][10], None], "WRONG_OPEN")
        expect(contract[6] == run.agreed and is_resolved(contract[6], contract[10], contract[11]), "TERMS")
        named = [run.offered[6], [0, self.given["genesisId"]]]
        expect(contract[8] in named or (run.holds and contract[8] == run.hello[9]), "REFERENCE_UNKNOWN")
        expect(-60 <= self.now - contract[10] <= 90, "CLOCK")
        signed = to_be_signed(self.network, 20, body[2])
        expect(verifies(bytes.fromhex(vehicle["publicKey"]), signed, body[3]), "BAD_SIGNATURE")

    def join(self, data):
        """In a region whose members the given office certifies, where one device has rotated."""
        given = self.given
        region = Region(self.network, [given["officeKey"]], False, {given["rotatedDevice"]: [given["rotatedKey"]]})
        own = bytes.fromhex(self.own), given["vehicleIdentityPublic"]
        return read_other_side(data, region, STATION, own)

    def m4(self, data):
        kind, message = read_message(data)
        expect(kind == "M4", "UNEXPECTED_MESSAGE")
        expect(message[1] == self.run.handshake, "ANOTHER_HANDSHAKE")
        body = plain_of("M4", opens(key_for(self.run.prk, "s2"), self.run.th4, message[2]))
        if 9 in body:
            return said(ends=NAMES[body[9]])
        signed = to_be_signed(self.network, 20, self.run.contract)
        expect(verifies(bytes.fromhex(self.run.station["publicKey"]), signed, body[1]), "OPEN_BAD_SIGNATURE")
        return said(ends="committed")


def main(path):
    with open(path) as file:
        content = json.load(file)
    run, agreed, total = Run(content["given"]), 0, 0
    for vector in content["vectors"]:
        place = vector["flags"][0]
        if place == "run":
            run.read(bytes.fromhex(vector["input"]))
        if place in ("run", "refused"):
            continue
        agreed += agrees("HANDSHAKE", vector, getattr(Places(run), place))
        total += 1
    print(f"{agreed} of {total} agreed")


if __name__ == "__main__":
    main(*sys.argv[1:])
