"""Judges the run of the vectors of the handshake by its specification alone, as both sides: nothing here is shared with
the firmware. Each message is opened with the secrets of whom it is for, and what is in it written again.

usage: read_handshake.py handshake.json
Prints one line for each vector that it judges otherwise than the file, then the counts.
"""

import hmac
import json
import sys

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from read_chain import HASH, OPTIONAL, SHAPES, UNSIGNED, blob, number, opened, pair, sha256, shaped, to_be_signed
from read_join import Refused, agrees, decode, encode, expect, read_join, verifies

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
ES256, NONCE = b"\xa1\x01\x26", bytes(12)
POINT, TOKEN, SEALED = pair(UNSIGNED, HASH), blob(16), blob(17, 3072)
PURPOSES = {11: "M1", 12: "M2", 13: "M3", 14: "M4", 15: "RETRY"}


def is_map(value):
    return isinstance(value, dict)


SHAPES.update({
    "OFFER": {
        1: number(1, 1), 2: blob(8), 3: HASH, 4: number(1, 255), 5: is_map, 6: POINT, 7: UNSIGNED, 8: UNSIGNED,
        9: pair(UNSIGNED, UNSIGNED), 10: blob(1, 448),
    },
    "M1": {0: number(11, 11), 1: TOKEN, 2: blob(1, 512), 3: HASH},
    "M2": {0: number(12, 12), 1: TOKEN, 2: blob(33), 3: HASH, 4: SEALED},
    "M3": {0: number(13, 13), 1: TOKEN, 2: SEALED},
    "M4": {0: number(14, 14), 1: TOKEN, 2: SEALED},
    "RETRY": {0: number(15, 15), 1: TOKEN, 2: HASH},
    "hello": {
        1: number(1, 1), 2: blob(8), 3: blob(33), 4: HASH, 5: HASH, 6: number(1, 255), 7: is_map, 8: TOKEN, 9: POINT,
    },
    "yes M2": {1: blob(1, 448), 2: is_map, 3: UNSIGNED, 4: lambda value: isinstance(value, bool), 5: blob(64)},
    "no M2": {1: blob(1, 448), 5: blob(64), 6: blob(1, 2368), 9: number(1, 11)},
    "yes M3": {1: blob(1, 448), 2: blob(1, 2048), 3: blob(64)},
    "no M3": {9: number(1, 11)},
    "yes M4": {1: blob(64), 2: POINT},
    "no M4": {9: number(1, 11)},
})
OPTIONAL.update({"M1": (3,), "no M2": (6,)})


def read_message(data):
    expect(len(data) <= 3328, "MESSAGE_TOO_LARGE")
    value = decode(data)
    kind = PURPOSES.get(value.get(0)) if is_map(value) and type(value.get(0)) is int else None
    expect(kind is not None, "MESSAGE_UNKNOWN_PURPOSE")
    message = shaped(kind, data)
    if kind == "M1":
        shaped("hello", message[2])
    return kind, message


def member(envelope, network, role, own):
    """The other side by its JOIN: it is signed by the device itself, of that role, and not our own."""
    expect(len(envelope) <= 448, "JOIN_TOO_LARGE")
    join = read_join(envelope, network)
    expect(join["role"] == role, "JOIN_WRONG_ROLE")
    expect(join["deviceId"] != own, "JOIN_IS_OURS")
    return join


def is_resolved(terms, since, until):
    return terms[4][5][0] <= since and until <= terms[4][5][1]


def read_offer(data, network, own):
    expect(len(data) <= 2368, "OFFER_TOO_LARGE")
    payload, (signature,) = opened(data, 1)
    offer = shaped("OFFER", payload)
    expect(offer[2] == network, "OFFER_WRONG_NETWORK")
    expect(0 <= offer[8] - offer[7] <= 600, "OFFER_TOO_LONG")
    expect(is_resolved(offer[5], offer[7], offer[8] + offer[5][10]), "OFFER_TARIFF_OF_ANOTHER_TIME")
    station = member(offer[10], network, "station", own)
    expect(offer[3].hex() == station["deviceId"], "OFFER_WRONG_SIGNER")
    message = to_be_signed(network, 10, payload)
    expect(verifies(bytes.fromhex(station["publicKey"]), message, signature), "OFFER_BAD_SIGNATURE")
    return offer, sha256(message), station


def secret_of(number_bytes):
    value = int.from_bytes(number_bytes, "big")
    expect(0 < value < ORDER, "BAD_SECRET")
    return ec.derive_private_key(value, ec.SECP256R1())


def shared_x(secret, point):
    try:
        expect(point[0] in (2, 3), "BAD_POINT")
        x = secret_of(secret).exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point))
    except ValueError:
        raise Refused("BAD_POINT") from None
    expect(any(x), "BAD_POINT")
    return x


def mac(key, message):
    return hmac.new(key, message, "sha256").digest()


def key_for(prk, label):
    """HKDF-Expand of RFC 5869 for the length of one hash."""
    return mac(prk, encode(["TALLY1/key", label]) + b"\x01")


def opens(key, aad, sealed):
    try:
        return ChaCha20Poly1305(key).decrypt(NONCE, sealed, aad)
    except InvalidTag:
        raise Refused("BAD_SEAL") from None


def sign(secret, message):
    """ES256 with the nonce of RFC 6979."""
    digest, private = sha256(message), int.from_bytes(secret, "big")
    seed = private.to_bytes(32, "big") + (int.from_bytes(digest, "big") % ORDER).to_bytes(32, "big")
    key, value = bytes(32), b"\x01" * 32
    for step in (b"\x00", b"\x01"):
        key = mac(key, value + step + seed)
        value = mac(key, value)
    value = mac(key, value)
    nonce = int.from_bytes(value, "big")
    r = secret_of(value).public_key().public_numbers().x % ORDER
    s = pow(nonce, -1, ORDER) * (int.from_bytes(digest, "big") + r * private) % ORDER
    return r.to_bytes(32, "big") + min(s, ORDER - s).to_bytes(32, "big")


def public_of(secret):
    numbers = secret_of(secret).public_key().public_numbers()
    return bytes([2 + numbers.y % 2]) + numbers.x.to_bytes(32, "big")


def plain_of(kind, plain):
    """A plain text is a yes or a no; a no has key 9."""
    value = decode(plain)
    expect(is_map(value), "WIRE_WRONG_SHAPE")
    return shaped(("no " if 9 in value else "yes ") + kind, plain)


class Run:
    """One handshake, message by message: what is computed from one is kept for the next."""

    def __init__(self, given):
        self.given = {name: bytes.fromhex(value) for name, value in given.items()}
        self.network = self.given["network"]

    def read(self, data):
        if self.is_envelope(data):
            return self.open(data) if data[0] == 0x85 else self.offer(data)
        kind, message = read_message(data)
        found = getattr(self, kind.lower())(message, data)
        self.sent.setdefault(kind, data)
        return found

    @staticmethod
    def is_envelope(data):
        return data[:1] in (b"\x84", b"\x85")

    def offer(self, data):
        self.vehicle = read_join(self.given["vehicleJoin"], self.network)
        self.offered, self.offer_id, self.station = read_offer(data, self.network, self.vehicle["deviceId"])
        self.sent = {"OFFER": data}
        return {"id": self.offer_id.hex(), "station": self.station["deviceId"]}

    def m1(self, message, _):
        handshake = sha256(encode(["TALLY1/hsId", self.network, message[2]]))[:16]
        expect(message[1] == handshake, "WRONG_ID")
        hello, given = shaped("hello", message[2]), self.given
        expect(hello[2] == self.network, "WRONG_NETWORK")
        ephemeral = public_of(given["vehicleEphemeralSecret"])
        drawn = [ephemeral, given["vehicleNonce"], self.offer_id, given["vehicleToken"]]
        expect([hello[3], hello[4], hello[5], hello[8]] == drawn, "NOT_WRITTEN_SO")
        if 3 in message:
            expect(message[3] == self.cookie(handshake, hello, 0), "NOT_WRITTEN_SO")
            return {"handshake": handshake.hex()}
        self.handshake, self.greeting, self.hello = handshake, message[2], hello
        return {"handshake": handshake.hex(), "hello": message[2].hex(), "ephemeral": hello[3].hex()}

    def m2(self, message, _):
        expect(message[1] == self.handshake, "ANOTHER_HANDSHAKE")
        given, network = self.given, self.network
        expect(message[2] == public_of(given["stationEphemeralSecret"]), "NOT_WRITTEN_SO")
        expect(message[3] == given["stationNonce"], "NOT_WRITTEN_SO")
        x = shared_x(given["vehicleEphemeralSecret"], message[2])
        expect(x == shared_x(given["stationEphemeralSecret"], self.hello[3]), "NOT_WRITTEN_SO")
        self.th2 = sha256(encode(["TALLY1/hs2", network, self.offer_id, self.greeting, message[2], message[3]]))
        self.prk = mac(self.th2, x)
        s1 = key_for(self.prk, "s1")
        plain = opens(s1, self.th2, message[4])
        body = plain_of("M2", plain)
        self.expect_station(body)
        self.agreed, self.start, self.holds = body.get(2), body.get(3), body.get(4)
        self.th3 = sha256(encode(["TALLY1/hs3", self.th2, sha256(message[4])]))
        return {"sharedX": x.hex(), "th2": self.th2.hex(), "s1": s1.hex(), "plain": plain.hex()}

    def expect_station(self, body):
        """The station has signed what it says: its yes or its no."""
        join, offer = member(body[1], self.network, "station", self.vehicle["deviceId"]), self.offered
        expect(join["deviceId"] == self.station["deviceId"], "WRONG_STATION")
        place = [1, self.th2, offer[3], offer[4], self.offer_id]
        if 9 in body:
            said = ["TALLY1/refusal", *place, body[9], sha256(body[6]) if 6 in body else bytes(32)]
        else:
            said = ["TALLY1/auth", *place, sha256(encode(body[2])), body[3], body[4]]
        signed = to_be_signed(self.network, 16, encode(said))
        expect(verifies(bytes.fromhex(join["publicKey"]), signed, body[5]), "BAD_SIGNATURE")
        expect(body[5] == sign(self.given["stationIdentitySecret"], signed), "NOT_WRITTEN_SO")

    def m3(self, message, data):
        expect(message[1] == self.handshake, "ANOTHER_HANDSHAKE")
        e1 = key_for(self.prk, "e1")
        plain = opens(e1, self.th3, message[2])
        body = plain_of("M3", plain)
        if 9 not in body:
            self.expect_vehicle(body)
        self.th4 = sha256(encode(["TALLY1/hs4", self.th3, data]))
        return {"th3": self.th3.hex(), "e1": e1.hex(), "plain": plain.hex()}

    def expect_vehicle(self, body):
        """What an M3 has to have, and that the vehicle writes these bytes."""
        given, offer = self.given, self.offered
        join = member(body[1], self.network, "vehicle", self.station["deviceId"])
        now = int.from_bytes(given["wallSecondsBigEndian"], "big")
        reference = max(offer[6], self.hello[9])
        contract = {
            1: 1, 2: self.network, 3: bytes.fromhex(join["deviceId"]), 4: offer[3], 5: offer[4], 6: self.agreed,
            7: self.th3, 8: reference, 9: [self.start, shaped("OPEN", body[2])[9][1]], 10: now,
            11: now + self.agreed[10], 12: given["vehicleSalt"],
        }
        expect(body[2] == encode(contract), "WRONG_OPEN")
        expect(is_resolved(self.agreed, contract[10], contract[11]), "TERMS")
        signed = to_be_signed(self.network, 20, body[2])
        expect(verifies(bytes.fromhex(join["publicKey"]), signed, body[3]), "BAD_SIGNATURE")
        expect(body[3] == sign(given["vehicleIdentitySecret"], signed), "NOT_WRITTEN_SO")
        self.contract, self.promise = body[2], body[3]

    def m4(self, message, _):
        expect(message[1] == self.handshake, "ANOTHER_HANDSHAKE")
        s2 = key_for(self.prk, "s2")
        plain = opens(s2, self.th4, message[2])
        body = plain_of("M4", plain)
        if 9 not in body:
            signed = to_be_signed(self.network, 20, self.contract)
            expect(verifies(bytes.fromhex(self.station["publicKey"]), signed, body[1]), "BAD_SIGNATURE")
            expect(body[1] == sign(self.given["stationIdentitySecret"], signed), "NOT_WRITTEN_SO")
            self.answer = body[1]
        return {"th4": self.th4.hex(), "s2": s2.hex(), "plain": plain.hex()}

    def open(self, data):
        expect(data == encode([ES256, {}, self.contract, self.promise, self.answer]), "NOT_WRITTEN_SO")
        address = ["TALLY1/txAddr", self.network, self.agreed[2], sha256(self.contract)]
        channel, sight, pattern = (key_for(self.prk, label).hex() for label in ("ch-e", "ch-s", "wm"))
        return {
            "transactionAddress": sha256(encode(address)).hex(), "channelVehicle": channel, "channelStation": sight,
            "watermark": pattern,
        }

    def cookie(self, handshake, hello, minute):
        return mac(self.given["cookieKey"], encode(["TALLY1/cookie", handshake, hello[3], minute]))

    def retry(self, message, _):
        expect(message[1] == self.handshake, "ANOTHER_HANDSHAKE")
        expect(message[2] == self.cookie(self.handshake, self.hello, 0), "NOT_WRITTEN_SO")
        return {"cookie": message[2].hex()}


def main(path):
    with open(path) as file:
        content = json.load(file)
    run = Run(content["given"])
    vectors = [vector for vector in content["vectors"] if vector["flags"][0] in ("run", "refused")]
    agreed = sum(agrees("HANDSHAKE", vector, run.read) for vector in vectors)
    print(f"{agreed} of {len(vectors)} agreed")


if __name__ == "__main__":
    main(*sys.argv[1:])
