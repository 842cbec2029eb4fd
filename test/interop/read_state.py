"""Computes the roots of states from their entries, by the specification of the ledger alone.

usage: read_state.py state-root.json
Prints one line for each root that is another than the file says, then the counts.
"""

import hashlib
import json
import sys

from read_join import encode


def sha256(data):
    return hashlib.sha256(data).digest()


def tree_hash(entries, level=0):
    """Entries are pairs of key and value; `level` half bytes of the keys are behind us."""
    if not entries:
        return bytes(32)
    if len(entries) == 1:
        key, value = entries[0]
        return sha256(b"\x00" + key + sha256(value))
    under = [[] for _ in range(16)]
    for key, value in entries:
        byte = key[level // 2]
        under[byte & 15 if level % 2 else byte >> 4].append((key, value))
    return sha256(b"\x01" + b"".join(tree_hash(part, level + 1) for part in under))


def state_root(state):
    """The head stands in the message as it is, so it is put there as bytes behind the four items that encode themselves."""
    roots = [tree_hash([(bytes.fromhex(k), bytes.fromhex(v)) for k, v in table["entries"]]) for table in state["tables"]]
    items = ["TALLY1/state", roots, bytes.fromhex(state["uncounted"]), sha256(bytes.fromhex(state["finality"]))]
    message = b"\x85" + b"".join(encode(item) for item in items) + bytes.fromhex(state["head"])
    return roots, sha256(message)


def main(path):
    agreed = total = 0
    for state in json.load(open(path, encoding="utf8"))["states"]:
        roots, root = state_root(state)
        wanted = [table["root"] for table in state["tables"]] + [state["root"]]
        for found, expected in zip([each.hex() for each in roots + [root]], wanted, strict=True):
            total += 1
            agreed += found == expected
            if found != expected:
                print(f"{state['name']}: {found} instead of {expected}")
    print(f"{agreed} of {total} agreed")


if __name__ == "__main__":
    main(sys.argv[1])
