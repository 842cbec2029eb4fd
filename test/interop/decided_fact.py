"""PARAMS and RECONFIG, what governors decide, by the specification of governance alone."""

from read_chain import (
    Fact, HASH, KINDS, OPTIONAL, ORDER, SHAPES, UNSIGNED, blob, number, opened, pair, several, sha256, shaped,
    to_be_signed,
)
from read_join import decode, expect, verifies

RULES = {
    2: number(1, 86_400), 5: lambda value: isinstance(value, bool), 6: number(1, 10_000), 7: UNSIGNED, 8: UNSIGNED,
    10: UNSIGNED, 11: lambda value: value is None or number(1, 3650)(value), 12: lambda value: isinstance(value, bool),
    13: number(0, 100), 14: number(1, 2), 16: lambda value: isinstance(value, bool), 19: number(1, 31),
    21: lambda value: isinstance(value, bool),
}


def are_rules(value):
    return isinstance(value, dict) and all(key in RULES and RULES[key](each) for key, each in value.items())


def are_different(value):
    return len(set(value)) == len(value)


KINDS.update({50: "PARAMS", 52: "RECONFIG"})
ORDER[3:3] = [50, 52]
SHAPES["PARAMS"] = {1: blob(8), 2: number(1, (1 << 53) - 1), 3: UNSIGNED, 4: are_rules, 5: number(1, 65_535)}
OPTIONAL["PARAMS"] = (5,)
SHAPES["RECONFIG"] = {
    1: blob(8), 2: pair(UNSIGNED, HASH), 3: lambda value: several(HASH, 1, 31)(value) and are_different(value),
}


class DecidedFact(Fact):
    """A fact, or what governors have signed: that has 1 to 15 signatures."""

    def __init__(self, data, network):
        parts = decode(data) if len(data) <= 4096 else None
        is_pair = isinstance(parts, list) and len(parts) == 2 and isinstance(parts[1], bytes)
        if not is_pair or parts[0] not in (50, 52):
            super().__init__(data, network)
            return
        self.purpose, self.envelope = parts
        self.kind, self.network = KINDS[self.purpose], network
        form = decode(self.envelope)
        expect(isinstance(form, list) and 4 <= len(form) <= 18, "SIGNED_WRONG_FORM")
        self.payload, self.signatures = opened(self.envelope, len(form) - 3)
        self.body = shaped(self.kind, self.payload)
        expect(self.kind != "PARAMS" or self.body[4] or 5 in self.body, "WIRE_WRONG_SHAPE")
        self.message = to_be_signed(network, self.purpose, self.payload)
        self.id = sha256(self.message)

    def place(self):
        return (ORDER.index(self.purpose), (self.body[2],), self.id) if self.kind == "PARAMS" else super().place()

    def signers(self, governors):
        """The governors who have signed, by their numbers; the order is that of the genesis, nobody's twice."""
        keys, threshold = governors
        expect(len(self.signatures) >= threshold, "FACT_TOO_FEW_SIGNATURES")
        found, at = [], 0
        for signature in self.signatures:
            while at < len(keys) and not verifies(keys[at], self.message, signature):
                at += 1
            expect(at < len(keys), "FACT_BAD_SIGNATURE")
            found.append(at)
            at += 1
        return found
