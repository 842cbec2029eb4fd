"""Judges the vectors of facts and of the chain by the specification of the ledger alone: nothing here is shared with
the firmware. It does not compute results: it takes those that the records hold, and leaves out what is flagged `settle`.

usage: read_chain.py facts.json chain.json
Prints one line for each vector that it judges otherwise than the file, then the counts.
"""

import copy
import hashlib
import json
import sys

from read_join import Refused, agrees, decode, encode, expect, is_bytes, read_join, verifies

KINDS = {
    2: "JOIN", 3: "ROTATE", 4: "REVOKE", 51: "CODE", 20: "OPEN", 21: "REPORT", 22: "COMPLETE", 23: "CANCEL",
    24: "RESOLVE", 25: "ADJUDICATE",
}
ORDER = list(KINDS)
ES256 = b"\xa1\x01\x26"
MAX = (1 << 53) - 1
TRADING = ("OPEN", "ACTIVE", "COMPLETING")
LATER = (
    "FACT_KNOWN", "FACT_REFERS_UNKNOWN", "FACT_WRONG_STATE", "FACT_TOO_LATE", "FACT_OUT_OF_SEQUENCE", "FACT_CONFLICTS",
    "FACT_REGISTER_FELL",
)
ROLES = ("station", "vehicle", "arbiter")
HEALING = 30 * 86_400


def sha256(data):
    return hashlib.sha256(data).digest()


def number(low, high):
    return lambda value: type(value) is int and low <= value <= high


def blob(low, high=None):
    return lambda value: isinstance(value, bytes) and low <= len(value) <= (high or low)


def several(of, low, high):
    return lambda value: isinstance(value, list) and low <= len(value) <= high and all(map(of, value))


def reason(value):
    hidden = [(0, 31), (127, 159), (0x61C, 0x61C), (0x200E, 0x200F), (0x2028, 0x202E), (0x2066, 0x2069), (0xFEFF, 0xFEFF)]
    is_text = isinstance(value, str) and len(value.encode()) <= 512 and value.strip(" ") != ""
    return is_text and not any(low <= ord(each) <= high for each in value for low, high in hidden)


def pair(first, second):
    return lambda value: isinstance(value, list) and len(value) == 2 and first(value[0]) and second(value[1])


UNSIGNED, HASH, ROLE = number(0, MAX), blob(32), number(1, 2)
KEY_NUMBERS = pair(number(0, 255), number(0, 255))
SHAPES = {
    "ROTATE": {1: blob(8), 2: HASH, 3: number(1, 255), 4: blob(33), 5: HASH, 6: number(1, 2)},
    "REVOKE": {1: blob(8), 2: HASH, 3: number(1, 5), 4: UNSIGNED},
    "CODE": {1: blob(8), 2: HASH, 3: number(0, 3), 4: blob(1, 3840)},
    "OPEN": {
        1: number(1, 1), 2: blob(8), 3: HASH, 4: HASH, 5: number(1, 255),
        6: lambda value: isinstance(value, dict) and sorted(value) == [key for key in range(1, 23) if key != 14],
        7: HASH, 8: pair(UNSIGNED, HASH), 9: pair(UNSIGNED, UNSIGNED), 10: UNSIGNED, 11: UNSIGNED, 12: blob(16),
        13: lambda value: KEY_NUMBERS(value) and value != [0, 0],
    },
    "REPORT": {
        1: HASH, 2: ROLE, 3: number(0, 2880), 4: UNSIGNED, 5: several(UNSIGNED, 1, 60), 6: HASH,
        7: pair(UNSIGNED, blob(16)), 8: UNSIGNED, 9: number(0, 255), 10: HASH,
    },
    "COMPLETE": {
        1: HASH, 2: ROLE, 3: UNSIGNED, 4: number(0, 2881), 5: HASH, 6: number(1, 9), 7: UNSIGNED, 8: HASH,
    },
    "CANCEL": {1: HASH, 2: ROLE},
    "RESOLVE": {1: HASH, 2: ROLE, 3: number(0, 15), 4: UNSIGNED, 5: UNSIGNED},
    "ADJUDICATE": {1: HASH, 2: UNSIGNED, 3: number(0, 3), 4: reason},
    "HEADER": {
        1: number(1, 1), 2: blob(8), 3: number(1, MAX), 4: HASH, 5: HASH, 6: HASH, 8: HASH, 9: HASH,
        10: pair(number(0, 65535), number(0, 3)), 11: UNSIGNED, 12: UNSIGNED, 14: number(0, 512), 15: UNSIGNED,
        7: HASH, 13: pair(UNSIGNED, HASH), 16: HASH, 17: HASH,
    },
}
OPTIONAL = {"OPEN": (13,), "REPORT": (7, 10), "COMPLETE": (8,), "HEADER": (7, 13, 16, 17)}


def shaped(kind, payload):
    body, shape = decode(payload), SHAPES[kind]
    expect(isinstance(body, dict) and set(body) <= set(shape), "WIRE_WRONG_SHAPE")
    expect(all(key in body or key in OPTIONAL.get(kind, ()) for key in shape), "WIRE_WRONG_SHAPE")
    expect(all(shape[key](value) for key, value in body.items()), "WIRE_WRONG_SHAPE")
    return body


def opened(envelope, signers):
    expect(len(envelope) <= 4096, "SIGNED_WRONG_FORM")
    parts = decode(envelope)
    expect(isinstance(parts, list) and len(parts) == 3 + signers, "SIGNED_WRONG_FORM")
    protected, unprotected, payload, *signatures = parts
    expect(protected == ES256 and unprotected == {} and isinstance(payload, bytes), "SIGNED_WRONG_FORM")
    expect(all(is_bytes(signature, 64) for signature in signatures), "SIGNED_WRONG_FORM")
    return payload, signatures


def to_be_signed(network, purpose, payload):
    return encode(["Signature1", ES256, encode(["TALLY1", network, purpose]), payload])


class Fact:
    def __init__(self, data, network):
        expect(len(data) <= 4096, "FACT_TOO_LARGE")
        parts = decode(data)
        expect(isinstance(parts, list) and len(parts) == 2, "WIRE_WRONG_SHAPE")
        self.purpose, self.envelope = parts
        expect(type(self.purpose) is int and isinstance(self.envelope, bytes), "WIRE_WRONG_SHAPE")
        expect(self.purpose in KINDS, "FACT_UNKNOWN_PURPOSE")
        self.kind, self.network = KINDS[self.purpose], network
        self.payload, self.signatures = opened(self.envelope, 2 if self.kind in ("OPEN", "ROTATE") else 1)
        self.body = self.join() if self.kind == "JOIN" else shaped(self.kind, self.payload)
        self.message = to_be_signed(network, self.purpose, self.payload)
        self.id = sha256(self.message)

    def join(self):
        """The form of a JOIN; its network and signature are judged when it is applied."""
        try:
            return read_join(self.envelope, self.network)
        except Refused as refused:
            expect(str(refused) in ("JOIN_WRONG_NETWORK", "JOIN_BAD_SIGNATURE"), str(refused))
            return None

    def signed_by(self, keys):
        return all(verifies(key, self.message, signature) for key, signature in zip(keys, self.signatures))

    def place(self):
        log = (self.body[1], self.body[2], self.body[3]) if self.kind == "REPORT" else ()
        return (ORDER.index(self.purpose), log, self.id)


def judge_fact(data, given):
    fact = Fact(data, given["network"])
    roles = {"OPEN": ["vehicle", "station"], "ADJUDICATE": ["arbiter"], "CODE": ["station"]}.get(fact.kind)
    if fact.kind == "JOIN":
        expect(fact.body is not None, "BAD_SIGNATURE")
        roles = [fact.body["role"]]
    else:
        roles = roles or [ROLES[fact.body[2] - 1]]
        expect(fact.signed_by([given[f"{role}Key"] for role in roles]), "BAD_SIGNATURE")
    found = {"kind": fact.kind, "id": fact.id.hex(), "payload": fact.payload.hex(), "signedBy": ", ".join(roles)}
    if fact.kind == "OPEN" and fact.body[12] == bytes(16):
        found["address"] = address_of(fact).hex()
    return found


def code_hash(program):
    return sha256(encode(["TALLY1/code", program]))


# Of the programs that every gateway carries: the vectors of facts have them as CODE.
SHIPPED = []


def address_of(fact):
    return sha256(encode(["TALLY1/txAddr", fact.network, fact.body[6][2], sha256(fact.payload)]))


def root(leaves):
    if len(leaves) < 2:
        return sha256(b"\x00" + leaves[0]) if leaves else sha256(b"")
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\x01" + root(leaves[:split]) + root(leaves[split:]))


class State:
    code_version, fact_class = 1, Fact

    def __init__(self, genesis):
        body = decode(genesis)
        self.genesis_id = sha256(encode(["TALLY1/genesis", genesis]))
        self.network, self.started, self.rules = self.genesis_id[:8], body[3], body[4]
        self.members, self.authorities = {}, []
        for inception, organisation in body[5]:
            _, role, key, _ = decode(inception)
            did = sha256(encode(["TALLY1/did", inception]))
            self.members[did] = (ROLES[role - 1], key, organisation)
            self.authorities.append(did)
        self.serial, self.id, self.sealed_at, self.log = 0, self.genesis_id, self.started, [self.genesis_id]
        self.codes, self.code_slots = set(SHIPPED), {}
        self.charges, self.sessions, self.slots, self.miners = {}, [], {}, []

    def apply(self, fact, now):
        """Section 2.2."""
        return getattr(self, fact.kind.lower())(fact, now)

    def join(self, fact, _):
        expect(fact.body is not None, "FACT_BAD_JOIN")
        did = bytes.fromhex(fact.body["deviceId"])
        expect(did not in self.members, "FACT_KNOWN")
        self.members[did] = (fact.body["role"], bytes.fromhex(fact.body["publicKey"]), fact.body["organisation"])

    def code(self, fact, _):
        """That the program holds is not judged here: ../../firmware/core/script/README.md says when."""
        body = fact.body
        expect(body[1] == self.network, "FACT_WRONG_NETWORK")
        expect(body[2] in self.members, "FACT_REFERS_UNKNOWN")
        known = self.code_slots.get((body[2], body[3]))
        if known:
            raise Refused("FACT_KNOWN" if known == fact.id else "FACT_CONFLICTS")
        expect(fact.signed_by([self.members[body[2]][1]]), "FACT_BAD_SIGNATURE")
        self.code_slots[(body[2], body[3])] = fact.id
        self.codes.add(code_hash(body[4]))

    def open(self, fact, now):
        body, address = fact.body, address_of(fact)
        expect(body[2] == self.network, "FACT_WRONG_NETWORK")
        expect(address not in self.charges, "FACT_KNOWN")
        keys = []
        for key, role in ((3, "vehicle"), (4, "station")):
            expect(body[key] in self.members, "FACT_REFERS_UNKNOWN")
            expect(self.members[body[key]][0] == role, "FACT_WRONG_ROLE")
            keys.append(self.members[body[key]][1])
        expect(body[11] == body[10] + body[6][10], "FACT_BAD_TERMS")
        expect(body[8] == [0, self.genesis_id], "FACT_REFERENCE_NOT_HERE")
        expect(body[6][2] in self.codes, "FACT_REFERS_UNKNOWN")
        expect(fact.signed_by(keys), "FACT_BAD_SIGNATURE")
        logs = {role: {"ids": [], "head": fact.id, "register": body[9][role - 1], "next": 0} for role in (1, 2)}
        self.charges[address] = {
            "open": body, "state": "OPEN", "logs": logs, "ends": {}, "cancelled": set(), "serial": self.serial,
            "opened": now, "proposals": {}, "ruling": None,
        }

    def charge(self, fact):
        expect(fact.body[1] in self.charges, "FACT_REFERS_UNKNOWN")
        return self.charges[fact.body[1]]

    def expect_signed(self, fact, charge):
        did = charge["open"][4 if fact.body[2] == 1 else 3]
        expect(fact.signed_by([self.members[did][1]]), "FACT_BAD_SIGNATURE")

    def report(self, fact, _):
        charge, body = self.charge(fact), fact.body
        log, end = charge["logs"][body[2]], charge["ends"].get(body[2])
        if body[3] < len(log["ids"]):
            raise Refused("FACT_KNOWN" if log["ids"][body[3]] == fact.id else "FACT_CONFLICTS")
        expect(charge["state"] in TRADING, "FACT_WRONG_STATE")
        expect(body[2] not in charge["cancelled"], "FACT_CONFLICTS")
        expect(body[3] == len(log["ids"]), "FACT_REFERS_UNKNOWN")
        expect(body[6] == log["head"], "FACT_CONFLICTS")
        expect(body[4] >= log["next"], "FACT_OUT_OF_SEQUENCE")
        last = sum(body[5])
        expect(body[5][0] >= log["register"] and last <= MAX, "FACT_REGISTER_FELL")
        if end:
            is_last = body[3] + 1 == end[4]
            expect(body[3] < end[4] and last <= end[3] and (not is_last or fact.id == end[5]), "FACT_CONFLICTS")
        self.expect_signed(fact, charge)
        log.update(head=fact.id, register=last, next=body[4] + len(body[5]))
        log["ids"].append(fact.id)
        if charge["state"] == "OPEN" and all(each["ids"] for each in charge["logs"].values()):
            charge["state"] = "ACTIVE"

    def expect_in_time(self, charge, now):
        """Section 2.2: what can still be said about a charge that is over."""
        expect(charge["state"] != "CANCELLED", "FACT_WRONG_STATE")
        end = min(charge["open"][11], charge["opened"] + charge["open"][6][10])
        is_late = max(now, self.sealed_at) > end + charge["open"][6][15] + HEALING
        expect(charge["state"] in TRADING or not is_late, "FACT_TOO_LATE")

    def complete(self, fact, now):
        charge, body = self.charge(fact), fact.body
        log, known = charge["logs"][body[2]], charge["ends"].get(body[2])
        if known:
            raise Refused("FACT_KNOWN" if known == body else "FACT_CONFLICTS")
        self.expect_in_time(charge, now)
        expect(body[2] not in charge["cancelled"], "FACT_CONFLICTS")
        expect(body[3] >= log["register"], "FACT_REGISTER_FELL")
        expect(body[4] > len(log["ids"]) or (body[4] == len(log["ids"]) and body[5] == log["head"]), "FACT_CONFLICTS")
        self.expect_signed(fact, charge)
        charge["ends"][body[2]] = body
        charge["state"] = "COMPLETING" if charge["state"] in TRADING else charge["state"]

    def cancel(self, fact, _):
        charge, role = self.charge(fact), fact.body[2]
        expect(role not in charge["cancelled"], "FACT_KNOWN")
        expect(charge["state"] in TRADING, "FACT_WRONG_STATE")
        expect(not charge["logs"][role]["ids"] and role not in charge["ends"], "FACT_CONFLICTS")
        self.expect_signed(fact, charge)
        charge["cancelled"].add(role)

    def resolve(self, fact, now):
        charge, body = self.charge(fact), fact.body
        known = charge["proposals"].get((body[2], body[3]))
        if known:
            raise Refused("FACT_KNOWN" if known == body else "FACT_CONFLICTS")
        self.expect_in_time(charge, now)
        self.expect_signed(fact, charge)
        charge["proposals"][(body[2], body[3])] = body

    def adjudicate(self, fact, now):
        charge = self.charge(fact)
        if charge["ruling"]:
            raise Refused("FACT_KNOWN" if charge["ruling"] == fact.body else "FACT_CONFLICTS")
        arbiter = charge["open"][6][17]
        expect(arbiter is not None, "FACT_NO_ARBITER")
        self.expect_in_time(charge, now)
        expect(arbiter in self.members, "FACT_REFERS_UNKNOWN")
        expect(self.members[arbiter][0] == "arbiter", "FACT_WRONG_ROLE")
        expect(fact.signed_by([self.members[arbiter][1]]), "FACT_BAD_SIGNATURE")
        charge["ruling"] = fact.body

    def others(self, did, now):
        """Section 5: with whom the node has counted sessions, and how many of them count at that time."""
        rules, counts = self.rules, {}
        for one, other, began in sorted(self.sessions, key=lambda session: session[2]):
            if did in (one, other):
                counts.setdefault(other if one == did else one, []).append(began)
        oldest = now - rules[11] * 86_400 if rules[11] else -1
        young = {other: sum(began >= oldest for began in times) for other, times in counts.items()}
        return {other: min(count, rules[9] or count) for other, count in young.items()}

    def schedule(self):
        """Section 4."""
        rules = self.rules
        trading = [(charge["serial"], address, charge) for address, charge in self.charges.items() if charge["state"] in TRADING]
        parties = lambda charges: {did for _, _, charge in charges for did in (charge["open"][3], charge["open"][4])}
        busy = parties([each for each in trading if each[2]["state"] != "COMPLETING"])
        scope = sorted(trading, key=lambda each: each[:2])[:1] if rules[14] == 1 else trading
        related = {other for did in parties(scope) for other in self.others(did, self.sealed_at)}
        tiers = {0: [], 1: [], 2: [], 3: []}
        history = {}
        for did in self.members:
            if self.members[did][0] == "arbiter":
                continue
            counts = [count for count in self.others(did, self.sealed_at).values() if count]
            history[did] = sum(counts)
            if sum(counts) >= rules[7] and len(counts) >= rules[8]:
                tiers[3 if did in busy else 0 if not trading or did in related else 1].append(did)
            elif did in self.authorities:
                tiers[3 if did in busy else 2].append(did)
        eligible = len(tiers[0]) + len(tiers[1])
        if not rules[15]:
            tiers[3] = []
        places = [
            (did, tier) for tier in range(4) for did in sorted(tiers[tier], key=lambda did: (-history[did], sha256(self.id + did)))
        ]
        look_back = min(rules[13], max(0, eligible - 1))
        recent = self.miners[len(self.miners) - look_back :] if look_back else []
        waited = lambda did: max((place for place, miner in enumerate(recent) if miner == did), default=-1)
        places.sort(key=lambda place: waited(place[0]))
        return places if rules[4] else places[:1]

    def seal(self, header_bytes, facts, results, certificates=()):
        """Section 3, with the facts at hand; that the results follow from them is not judged here, nor what the root of
        the state is, only where there is one."""
        payload, signatures = opened(header_bytes, 1)
        header, message = shaped("HEADER", payload), to_be_signed(self.network, 30, payload)
        expect(header[4] == self.id, "CHAIN_UNKNOWN_PARENT")
        after = copy.deepcopy(self)
        for fact in facts:
            after.apply(fact, header[12])
        rank, tier = header[10]
        places = self.schedule()
        holder = places[rank] if rank < len(places) else None
        is_placed = (
            header[2] == self.network and header[3] == self.serial + 1 and header[5] == root([fact.id for fact in facts])
            and root(results) == header[6] and header[8] == root(self.log) and header[14] == len(facts)
            and header[15] == self.code_version
            and (7 in header) == (header[3] % self.rules[18] == 0)
            and header[11] == (header[12] - self.started) // self.rules[3] and (holder is None or holder[1] == tier)
        )
        expect(is_placed, "BLOCK_WRONG_FIELD")
        expect(header[9] in self.members, "BLOCK_UNKNOWN_MINER")
        expect(holder is not None and holder[0] == header[9], "BLOCK_NOT_ITS_TURN")
        expect(header[12] >= self.sealed_at + self.rules[2] + rank * self.rules[3], "BLOCK_TOO_EARLY")
        expect(header[11] > self.slots.get(header[9], -1), "BLOCK_SLOT_USED")
        expect(verifies(self.members[header[9]][1], message, signatures[0]), "BLOCK_BAD_SIGNATURE")
        places_of_facts = [fact.place() for fact in facts]
        expect(places_of_facts == sorted(places_of_facts), "BLOCK_FACTS_MISPLACED")
        after.close(results, header)
        after.certify(header, certificates)
        after.serial, after.id, after.sealed_at = header[3], sha256(message), header[12]
        after.log.append(after.id)
        after.slots[header[9]] = header[11]
        after.miners.append(header[9])
        return after

    def certify(self, header, certificates):
        """Section 3.2 where nobody votes; read_voted_chain.py has the rest."""
        expect(not certificates, "QUORUM_NO_VOTES")
        expect(not {13, 16, 17} & set(header), "BLOCK_WRONG_FIELD")

    def hear(self, _):
        raise Refused("VOTE_WITHOUT_FINALITY")

    def close(self, results, header):
        for body in map(decode, results):
            charge = self.charges[body[1]]
            is_first = charge["state"] != "SETTLED"
            charge["state"] = ["SETTLED", "DISPUTED", "ABANDONED", "CANCELLED"][body[2] - 1]
            station, vehicle = charge["open"][4], charge["open"][3]
            is_foreign = self.members[station][2] != self.members[vehicle][2]
            if body[2] == 1 and is_first and body[5] >= self.rules[10] and (is_foreign or not self.rules[12]):
                self.sessions.append((station, vehicle, min(charge["open"][10], header[12])))


def decode_results(encoded):
    is_list = isinstance(encoded, list) and len(encoded) <= 64
    expect(is_list and all(isinstance(each, bytes) and len(each) <= 128 for each in encoded), "WIRE_WRONG_SHAPE")
    return encoded


def decode_certificates(encoded):
    is_list = isinstance(encoded, list) and len(encoded) <= 4
    expect(is_list and all(isinstance(each, bytes) and len(each) <= 4608 for each in encoded), "WIRE_WRONG_SHAPE")
    return encoded


def read_state(records, region):
    """Section 8."""
    state = region(records[0][1:])
    facts, ids, waiting, pending = {}, set(), {}, copy.deepcopy(state)
    for record in records[1:]:
        kind, content = record[:1], record[1:]
        if kind == b"F":
            fact = region.fact_class(content, state.network)
            expect(fact.id not in facts, "JOURNAL_FACT_TWICE")
            facts[fact.id] = fact
            try:
                pending.apply(fact, state.sealed_at)
                waiting[fact.id] = fact
            except Refused as refused:
                expect(str(refused) in LATER, str(refused))
        elif kind == b"B":
            block = decode(content)
            is_block = isinstance(block, list) and len(block) == 4 and isinstance(block[0], bytes)
            expect(is_block and isinstance(block[1], list) and all(is_bytes(id, 32) for id in block[1]), "WIRE_WRONG_SHAPE")
            header_id = sha256(to_be_signed(state.network, 30, opened(block[0], 1)[0]))
            shaped("HEADER", opened(block[0], 1)[0])
            expect(header_id not in ids, "JOURNAL_BLOCK_TWICE")
            expect(all(id in facts for id in block[1]), "JOURNAL_FACT_MISSING")
            certificates, results = decode_certificates(block[2]), decode_results(block[3])
            expect(root(results) == shaped("HEADER", opened(block[0], 1)[0])[6], "BLOCK_WRONG_RESULT")
            state = state.seal(block[0], [facts[id] for id in block[1]], results, certificates)
            ids.add(header_id)
            waiting = {id: fact for id, fact in waiting.items() if id not in block[1]}
            pending = copy.deepcopy(state)
            for fact in sorted(waiting.values(), key=Fact.place):
                pending.apply(fact, state.sealed_at)
        elif kind == b"Q":
            state.hear(content)
        else:
            raise Refused("JOURNAL_UNKNOWN_RECORD")
    return state, waiting


def read_records(records):
    state, waiting = read_state(records, State)
    return {"serial": str(state.serial), "head": state.id.hex(), "waiting": str(len(waiting))}


def ship(facts):
    for vector in facts["vectors"]:
        if vector["result"] == "valid" and vector["detail"]["kind"] == "CODE":
            SHIPPED.append(code_hash(decode(bytes.fromhex(vector["detail"]["payload"]))[4]))


def records_in(given):
    """The records of the chain that a file of vectors begins with."""
    title, chunks = decode(bytes.fromhex(given["chain"]))
    expect(title == "TALLY1/chain", "GIVEN")
    return [record for chunk in chunks for record in decode(chunk)]


TOLD = ("serial", "head", "waiting")


def main(facts_path, chain_path):
    agreed = total = left_out = 0
    with open(facts_path) as facts_file, open(chain_path) as chain_file:
        facts, chain = json.load(facts_file), json.load(chain_file)
    given = {name: bytes.fromhex(value) for name, value in facts["given"].items()}
    for vector in facts["vectors"]:
        agreed += agrees("FACT", vector, lambda data: judge_fact(data, given))
        total += 1
    ship(facts)
    records = records_in(chain["given"])
    for vector in chain["vectors"]:
        if "settle" in vector["flags"]:
            left_out += 1
            continue
        told = {name: vector["detail"][name] for name in TOLD} if vector["result"] == "valid" else None
        agreed += agrees("CHAIN", vector, lambda data: read_records(records + decode(data)), told)
        total += 1
    print(f"{agreed} of {total} agreed, {left_out} left out")


if __name__ == "__main__":
    main(*sys.argv[1:])
