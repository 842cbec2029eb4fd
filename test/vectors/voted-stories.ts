/** The chains of the vectors of finality: who votes in them for what, and what is wrong with their last certificate. */
import { didsOf, NETWORK, VotedChain, voteFor, voterOf, votersOf, type Voter } from "#test/builders/finality-voters.ts";
import { complementOfS } from "#test/builders/p256-signature.ts";
import { changedBody, changedKey, seatsOnly, type CertificateChange } from "./changed-certificate.ts";

export interface VotedStory {
  readonly comment: string;
  readonly steps: readonly VotedStep[];
  /** Why the changed certificate may not stand; undefined where all of them may. */
  readonly fault: string | undefined;
  /** What becomes of the last certificate of the last step. */
  readonly change: CertificateChange;
}

/**
 * A block's serial and the links that its certificates are of: source, target, voters, and the epoch where it is not
 * the last.
 */
export type VotedStep = readonly [number, readonly (readonly [number, number, readonly Voter[], number?])[]];

/** The committee of the first epoch, and the one that follows it: one of its five was in the first. */
export const OLD = votersOf("v1", "v2", "v3", "v4");
export const NEW = votersOf("v4", "w1", "w2", "w3", "w4");
export const STRANGER = voterOf("stranger");
/** A chain of blocks without any certificate. */
export const PLAIN = new VotedChain(didsOf(OLD));

const first: VotedStep = [5, [[0, 4, OLD]]];
export const votedStories: readonly VotedStory[] = [
  story("nothing but blocks", [[3, []]]),
  story("one checkpoint justified, another left out", [first]),
  story("three of four are a quorum", [[5, [[0, 4, OLD.slice(1)]]]]),
  story("the root was final before", [[3, [[0, 2, OLD]]]]),
  story("the first that becomes final", [
    [3, [[0, 2, OLD]]],
    [5, [[2, 4, OLD]]],
  ]),
  story("two certificates in one block, the second from the target of the first", [
    [
      5,
      [
        [0, 2, OLD],
        [2, 4, OLD],
      ],
    ],
  ]),
  story("a lower target after a higher one, and what hangs on it", [
    [9, [[0, 8, OLD]]],
    [
      11,
      [
        [0, 4, OLD],
        [4, 10, OLD],
      ],
    ],
  ]),
  story("known to be justified, and now final", [
    [
      7,
      [
        [0, 4, OLD],
        [0, 6, OLD],
      ],
    ],
    [8, [[4, 6, OLD]]],
  ]),
  story("the handoff: the boundary is final and the new committee waits", handoff()),
  story("the first vote of both committees", [...handoff(), [11, [[6, 10, both()]]]]),
  story("the last checkpoint of the old committee alone, voted for after the handoff", [
    ...handoff(),
    [9, [[6, 8, OLD, 0]]],
  ]),
  story("three of the old and four of the new are enough", [
    ...handoff(),
    [11, [[6, 10, votersOf("v1", "v2", "v4", "w1", "w2", "w3")]]],
  ]),
  story("both committees make final what goes on", [
    ...handoff(),
    [
      13,
      [
        [6, 10, both()],
        [10, 12, both()],
      ],
    ],
  ]),
  story(
    "two of four",
    [[5, [[0, 4, OLD]]]],
    "QUORUM_TOO_FEW",
    changedBody((of) => seatsOnly(of, [0, 1])),
  ),
  story(
    "the old committee alone, in the new epoch",
    [...handoff(), [11, [[6, 10, both()]]]],
    "QUORUM_TOO_FEW",
    changedBody((of) => seatsOnly(of, [0, 5, 6, 7])),
  ),
  story(
    "the new committee alone",
    [...handoff(), [11, [[6, 10, both()]]]],
    "QUORUM_TOO_FEW",
    changedBody((of) => seatsOnly(of, [0, 1, 2, 3, 4])),
  ),
  story(
    "a signature by a stranger",
    [first],
    "QUORUM_BAD_SIGNATURE",
    changedBody((of) => ({
      ...of,
      signatures: of.signatures.with(0, voteFor(PLAIN.link(0, 4), STRANGER).signature),
    })),
  ),
  story(
    "one signature twice",
    [first],
    "QUORUM_BAD_SIGNATURE",
    changedBody((of) => ({
      ...of,
      signatures: of.signatures.with(1, of.signatures[0] ?? new Uint8Array(64)),
    })),
  ),
  story(
    "s in the upper half",
    [first],
    "QUORUM_BAD_SIGNATURE",
    changedBody((of) => ({
      ...of,
      signatures: of.signatures.map(complementOfS),
    })),
  ),
  story(
    "a bit behind the last seat",
    [first],
    "QUORUM_WRONG_SEATS",
    changedBody((of) => ({
      ...of,
      seats: Uint8Array.of(0x1f),
      signatures: [...of.signatures, new Uint8Array(64)],
    })),
  ),
  story(
    "a byte of seats too many",
    [first],
    "QUORUM_WRONG_SEATS",
    changedBody((of) => ({ ...of, seats: Uint8Array.of(15, 0) })),
  ),
  story(
    "a signature too few",
    [first],
    "QUORUM_WRONG_SEATS",
    changedBody((of) => ({
      ...of,
      signatures: of.signatures.slice(1),
    })),
  ),
  story(
    "a signature too many",
    [first],
    "QUORUM_WRONG_SEATS",
    changedBody((of) => ({
      ...of,
      signatures: [...of.signatures, new Uint8Array(64)],
    })),
  ),
  story(
    "of another network",
    [first],
    "QUORUM_WRONG_NETWORK",
    changedBody((of) => ({ ...of, network: NETWORK.with(0, 0) })),
  ),
  story(
    "of another epoch",
    [first],
    "QUORUM_WRONG_EPOCH",
    changedBody((of) => ({ ...of, epoch: 1 })),
  ),
  story(
    "a target on another branch",
    [first],
    "QUORUM_UNKNOWN_TARGET",
    changedBody((of) => ({
      ...of,
      target: { serial: 4, id: PLAIN.at(2).id },
    })),
  ),
  story(
    "a target that is no checkpoint",
    [first],
    "QUORUM_UNKNOWN_TARGET",
    changedBody((of) => ({ ...of, target: PLAIN.at(3) })),
  ),
  story(
    "a source on another branch",
    [first],
    "QUORUM_UNKNOWN_SOURCE",
    changedBody((of) => ({
      ...of,
      source: { serial: 0, id: PLAIN.at(2).id },
    })),
  ),
  story("a source that is not justified", [[5, [[2, 4, OLD]]]], "QUORUM_SOURCE_NOT_JUSTIFIED"),
  story("the same again", [first, [6, [[0, 4, OLD]]]], "QUORUM_NOTHING_NEW"),
  story(
    "another way to what is justified, that makes nothing final",
    [
      [
        7,
        [
          [0, 2, OLD],
          [2, 6, OLD],
        ],
      ],
      [8, [[0, 6, OLD]]],
    ],
    "QUORUM_NOTHING_NEW",
  ),
  story("a target as high as its source", [first], "WIRE_WRONG_SHAPE", changedKey(4, [0, PLAIN.at(4).id])),
  story("no signatures", [first], "WIRE_WRONG_SHAPE", changedKey(6, [])),
  story("a signature of 63 bytes", [first], "WIRE_WRONG_SHAPE", changedKey(6, [new Uint8Array(63)])),
  story("no seats", [first], "WIRE_WRONG_SHAPE", changedKey(5, new Uint8Array())),
  story("nine bytes of seats", [first], "WIRE_WRONG_SHAPE", changedKey(5, new Uint8Array(9))),
  story("a key that a certificate does not have", [first], "WIRE_WRONG_SHAPE", changedKey(7, 0)),
];

function story(
  comment: string,
  steps: readonly VotedStep[],
  fault?: string,
  change: CertificateChange = ({ bytes }) => bytes,
): VotedStory {
  return { comment, steps, fault, change };
}

/** The old committee still votes for block 8 itself; what comes after it is of the new epoch. */
function handoff(): readonly VotedStep[] {
  return [
    [
      8,
      [
        [0, 4, OLD],
        [4, 6, OLD],
      ],
    ],
  ];
}

function both(): readonly Voter[] {
  return [...OLD, ...NEW.slice(1)];
}
