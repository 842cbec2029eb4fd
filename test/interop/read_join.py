"""Judges the vectors of CBOR and JOIN by the specifications alone: nothing here is shared with the firmware.

usage: read_join.py cbor.json join.json
Prints one line for each vector that it judges otherwise than the file, then the counts.
"""

import hashlib
import json
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

HALF_ORDER = 0x7FFFFFFF800000007FFFFFFFFFFFFFFFDE737D56D38BCF4279DCE5617E3192A8
HIDDEN = [(0, 0x1F), (0x7F, 0x9F), (0x61C, 0x61C), (0x200E, 0x200F), (0x2028, 0x202E), (0x2066, 0x2069), (0xFEFF, 0xFEFF)]
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class Refused(Exception):
    """The message breaks a rule; the text is the code of the fault."""


def head(major, argument):
    if argument < 24:
        return bytes([major << 5 | argument])
    width = next(w for w in (1, 2, 4, 8) if argument < 1 << 8 * w)
    return bytes([major << 5 | 23 + width.bit_length()]) + argument.to_bytes(width, "big")


def encode(value):
    if value is None or isinstance(value, bool):
        return {None: b"\xf6", False: b"\xf4", True: b"\xf5"}[value]
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(encode, value))
    return head(5, len(value)) + b"".join(encode(k) + encode(v) for k, v in sorted(value.items()))


def decode(data):
    """Reads leniently, then writes again and compares: another way to the same rule."""
    try:
        value, end = item(data, 0, 0)
        if end == len(data) and encode(value) == data:
            return value
    except (IndexError, UnicodeDecodeError):
        pass
    raise Refused("CBOR_NOT_CANONICAL")


def item(data, at, depth):
    if depth > 8:
        raise IndexError
    major, low = data[at] >> 5, data[at] & 31
    at += 1
    if major == 7 and low in (20, 21, 22):
        return {20: False, 21: True, 22: None}[low], at
    if major > 5 or low > 27:
        raise IndexError
    width = 0 if low < 24 else 1 << low - 24
    argument = int.from_bytes(data[at : at + width], "big") if width else low
    at += width
    if at > len(data) or argument >= 1 << 53 or (major == 1 and argument == (1 << 53) - 1):
        raise IndexError
    if major < 2:
        return (argument if major == 0 else -1 - argument), at
    if major < 4:
        if at + argument > len(data):
            raise IndexError
        content = bytes(data[at : at + argument])
        return (content if major == 2 else content.decode("utf-8")), at + argument
    items = []
    for _ in range(argument * (major - 3)):
        value, at = item(data, at, depth + 1)
        items.append(value)
    if major == 4:
        return items, at
    keys = items[::2]
    if any(type(key) is not int or key < 0 for key in keys) or len(set(keys)) != len(keys):
        raise IndexError
    return dict(zip(keys, items[1::2])), at


def expect(holds, code):
    if not holds:
        raise Refused(code)


def is_bytes(value, length):
    return isinstance(value, bytes) and len(value) == length


def read_join(envelope, network):
    expect(len(envelope) <= 4096, "SIGNED_WRONG_FORM")
    parts = decode(envelope)
    expect(isinstance(parts, list) and len(parts) == 4, "SIGNED_WRONG_FORM")
    protected, unprotected, payload, signature = parts
    is_formed = protected == b"\xa1\x01\x26" and unprotected == {} and isinstance(payload, bytes) and is_bytes(signature, 64)
    expect(is_formed, "SIGNED_WRONG_FORM")
    body = decode(payload)
    expect(isinstance(body, dict) and set(body) == {1, 2, 3, 6} and body[1] == 1, "WIRE_WRONG_SHAPE")
    expect(is_bytes(body[2], 8) and is_bytes(body[3], 72) and isinstance(body[6], str), "WIRE_WRONG_SHAPE")
    expect(len(body[6].encode()) <= 32, "WIRE_WRONG_SHAPE")
    expect(not any(low <= ord(c) <= high for c in body[6] for low, high in HIDDEN), "WIRE_WRONG_SHAPE")
    expect(body[2] == network, "JOIN_WRONG_NETWORK")
    inception = decode(body[3])
    expect(isinstance(inception, list) and len(inception) == 4 and inception[0] == 1, "WIRE_WRONG_SHAPE")
    expect(inception[1] in (1, 2, 3) and is_bytes(inception[2], 33) and is_bytes(inception[3], 32), "WIRE_WRONG_SHAPE")
    external = encode(["TALLY1", network, 2])
    signed = encode(["Signature1", protected, external, payload])
    expect(verifies(inception[2], signed, signature), "JOIN_BAD_SIGNATURE")
    did = hashlib.sha256(encode(["TALLY1/did", body[3]])).digest()
    return {
        "id": hashlib.sha256(signed).hexdigest(),
        "deviceId": did.hex(),
        "shortId": "".join(CROCKFORD[int.from_bytes(did[:8], "big") >> 5 * place & 31] for place in range(12, -1, -1)),
        "role": {1: "station", 2: "vehicle", 3: "arbiter"}[inception[1]],
        "publicKey": inception[2].hex(),
        "nextKeyDigest": inception[3].hex(),
        "organisation": body[6],
    }


def verifies(public_key, message, signature):
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    if s > HALF_ORDER or public_key[0] not in (2, 3):
        return False
    try:
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public_key)
        key.verify(utils.encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA256()))
    except (ValueError, InvalidSignature):
        return False
    return True


def judge(vector, read):
    try:
        return "valid", read(bytes.fromhex(vector["input"]))
    except Refused as refused:
        return "invalid", str(refused)


def agrees(label, vector, read, wanted=None):
    """Whether it is judged as the vector says, of which the place is printed where it is not; counts as 1 or 0."""
    result, found = judge(vector, read)
    wanted = vector["detail" if vector["result"] == "valid" else "fault"] if wanted is None else wanted
    return (result == vector["result"] and found == wanted) or bool(print(label, vector["id"], result, found))


def main(cbor_path, join_path):
    agreed = 0
    with open(cbor_path) as cbor_file, open(join_path) as join_file:
        cbor, join = json.load(cbor_file), json.load(join_file)
    network = bytes.fromhex(join["given"]["network"])
    for vector in cbor["vectors"]:
        result, found = judge(vector, decode)
        is_agreed = result == vector["result"] and (result == "valid" or found == vector["fault"])
        agreed += is_agreed or bool(print("CBOR", vector["id"], result, found))
    agreed += sum(agrees("JOIN", vector, lambda data: read_join(data, network)) for vector in join["vectors"])
    print(f"{agreed} of {len(cbor['vectors']) + len(join['vectors'])} agreed")


if __name__ == "__main__":
    main(*sys.argv[1:])
