"""Judges the vectors of what governors decide by the specifications alone: nothing here is shared with the firmware.

usage: read_governance.py governance.json
Prints one line for each vector that it judges otherwise than the file, then the counts.
"""

import json
import sys

from decided_fact import DecidedFact, are_different, are_rules
from read_chain import HASH, UNSIGNED, blob, number, pair, several, sha256
from read_inclusion import prove
from read_join import agrees, decode, expect

NAMES = {
    2: "blockSeconds", 5: "emptyBlocks", 6: "heartbeatBlocks", 7: "historyMin", 8: "counterpartiesMin",
    10: "countedMilliWhMin", 11: "historyDays", 12: "otherOrganisationOnly", 13: "cooldownBlocks", 14: "relatedScope",
    16: "biasPenalty", 19: "committeeMax", 21: "seatsPerOrganisation",
}
POINT, VERSION, DIDS = pair(UNSIGNED, HASH), number(1, 65_535), several(HASH, 0, 31)


def governors_of(genesis):
    """Section 1."""
    body = decode(genesis)
    expect(7 in body, "FACT_NO_GOVERNORS")
    keys, threshold = body[7][1], body[7][2]
    is_sound = several(blob(33), 1, 15)(keys) and are_different(keys) and len(keys) < 2 * threshold <= 2 * len(keys)
    expect(is_sound, "WIRE_WRONG_SHAPE")
    return keys, threshold


def judge_fact(governors, network, data):
    fact = DecidedFact(data, network)
    expect(fact.body[1] == network, "FACT_WRONG_NETWORK")
    signers = fact.signers(governors)
    return {
        "kind": fact.kind, "id": fact.id.hex(), "payload": fact.payload.hex(), "signedBy": ", ".join(map(str, signers)),
    }


def record(shape, optional=()):
    """A map with these keys and no others."""
    def holds(value):
        if not isinstance(value, dict) or not set(shape) - set(optional) <= set(value) <= set(shape):
            return False
        return all(shape[key](each) for key, each in value.items())
    return holds


def triple(value):
    return isinstance(value, list) and len(value) == 3 and POINT(value[:2]) and UNSIGNED(value[2])


PARAMS = record({1: HASH, 2: UNSIGNED, 3: are_rules, 4: VERSION}, (4,))
RECONFIG = record({1: HASH, 2: POINT, 3: UNSIGNED, 4: UNSIGNED, 5: several(HASH, 1, 31), 6: DIDS, 7: DIDS})
GOVERNANCE = record({
    1: UNSIGNED, 2: several(HASH, 0, 64), 3: are_rules, 4: VERSION, 5: several(PARAMS, 0, 8),
    6: several(RECONFIG, 0, 2), 7: several(record({1: HASH, 2: UNSIGNED}), 0, 124),
})
FINALITY = record({
    1: several(POINT, 1, 4096), 2: POINT, 3: several(triple, 1, 4096), 4: UNSIGNED, 5: several(DIDS, 1, 3), 6: UNSIGNED,
    7: lambda value: value is None or DIDS(value), 8: GOVERNANCE,
})


def read_finality(data):
    """Section 4, in what the ledger's section 3.3 has of finality."""
    value = decode(data)
    expect(FINALITY(value), "WIRE_WRONG_SHAPE")
    governance = value[8]
    changes = {NAMES[key]: each for key, each in governance[3].items()}
    return {
        "hash": sha256(data).hex(), "epoch": str(value[4]), "number": str(governance[1]),
        "codeVersion": str(governance[4]), "changes": json.dumps(changes, separators=(",", ":")),
        "waiting": ", ".join(str(each[2]) for each in governance[5]),
        "reconfigured": ", ".join(f"block {each[3]} epoch {each[4]}" for each in governance[6]),
        "setAside": ", ".join(each[1].hex() for each in governance[7]),
    }


def read_proof(genesis, data):
    header, epoch = prove(genesis, data)
    return {"block": header.id.hex(), "epoch": str(epoch)}


def main(path):
    with open(path) as file:
        content = json.load(file)
    given = content["given"]
    genesis, network = bytes.fromhex(given["genesis"]), bytes.fromhex(given["network"])
    governors = governors_of(genesis)
    readers = {
        "fact": lambda data: judge_fact(governors, network, data), "finality": read_finality,
        "proof": lambda data: read_proof(genesis, data),
    }
    agreed = sum(agrees("GOVERNANCE", vector, readers[vector["flags"][0]]) for vector in content["vectors"])
    print(f"{agreed} of {len(content['vectors'])} agreed")


if __name__ == "__main__":
    main(*sys.argv[1:])
