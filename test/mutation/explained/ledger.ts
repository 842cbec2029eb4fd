/** Of the schedule, of the choice of a head, and of what was heard. */
import type { Explanation } from "../explained-mutants.ts";

export const EXPLAINED_IN_LEDGER: readonly Explanation[] = [
  {
    file: "firmware/core/ledger/schedule.ts",
    within: "schedule",
    why: "what is remembered is what would be found again: only slower",
    changes: [
      ["if (known !== undefined) return known;", "if (false) return known;"],
      ["SCHEDULES.set(parent, places);", "(removed)"],
    ],
  },
  {
    file: "firmware/core/ledger/schedule.ts",
    within: "findPlaces",
    why: "each tier is put into its order afterwards, and two members never draw the same hash",
    changes: [
      [
        'tiers[busy.has(did) ? 3 : related === "all" || related.has(did) ? 0 : 1].push(did)',
        'tiers[busy.has(did) ? 3 : related === "all" || related.has(did) ? 0 : 1].unshift(did)',
      ],
      ["tiers[busy.has(did) ? 3 : 2].push(did)", "tiers[busy.has(did) ? 3 : 2].unshift(did)"],
    ],
  },
  {
    file: "firmware/core/ledger/schedule.ts",
    within: "byHistory",
    why: "a draw that is not remembered is drawn again: only slower",
    changes: [
      [
        "draws.get(did) ?? hash(concatBytes(parent.id, fromHex(did) ?? new Uint8Array()))",
        "hash(concatBytes(parent.id, fromHex(did) ?? new Uint8Array()))",
      ],
      ["draws.set(did, draw);", "(removed)"],
    ],
  },
  {
    file: "firmware/core/ledger/schedule.ts",
    within: "byHistory",
    why: "a did in the state is of hex digits: only the type does not know it",
    changes: [["fromHex(did) ?? new Uint8Array()", "fromHex(did)"]],
  },
  {
    file: "firmware/core/ledger/schedule.ts",
    within: "tradingCharges",
    why: "what is listed as not settled stands among the transactions, only the type does not know it",
    changes: [["transaction !== undefined && isTrading(transaction)", "isTrading(transaction)"]],
  },
  {
    file: "firmware/core/ledger/block-tree.ts",
    within: "at",
    why: "looked up by its id it is the same link: only slower",
    changes: [
      ["serial >= this.#base.serial", "serial > this.#base.serial"],
      ["serial >= this.#base.serial", "false"],
    ],
  },
  {
    file: "firmware/core/ledger/block-tree.ts",
    within: "at",
    why: "nothing is stored under no id",
    changes: [["key === undefined ? undefined : this.link(key)", "false ? undefined : this.link(key)"]],
  },
  {
    file: "firmware/core/ledger/block-tree.ts",
    within: "add",
    why: "where nobody votes the genesis is final and justified for ever, and nobody asks which links are open: only memory",
    changes: [["if (this.#isVoting) this.#open.add(link);", "if (true) this.#open.add(link);"]],
  },
  {
    file: "firmware/core/ledger/block-tree.ts",
    within: "reorder",
    why: "what was done before is done again, to the same end: only slower",
    changes: [["this.#open.has(this.final)", "true"]],
  },
  {
    file: "firmware/core/ledger/block-tree.ts",
    within: "reorder",
    why: "to switch to the head adds and abandons nothing",
    changes: [
      [
        "best === this.head ? { added: [], abandoned: [] } : this.#switchTo(best)",
        "false ? { added: [], abandoned: [] } : this.#switchTo(best)",
      ],
    ],
  },
  {
    file: "firmware/core/ledger/block-tree.ts",
    within: "#isAbove",
    why: "every link descends from one of the head's chain, and below the ancestor none can be it",
    changes: [
      ["each !== undefined && each.serial > ancestor.serial && !this.isOfHead(each)", "!this.isOfHead(each)"],
      ["each !== undefined && each.serial > ancestor.serial", "each !== undefined"],
    ],
  },
  {
    file: "firmware/core/ledger/block-tree.ts",
    within: "#isAbove",
    why: "from the head's chain down to the ancestor, which is in it: only slower",
    changes: [
      [
        "each !== undefined && each.serial > ancestor.serial && !this.isOfHead(each)",
        "each !== undefined && each.serial > ancestor.serial",
      ],
    ],
  },
  {
    file: "firmware/core/ledger/block-tree.ts",
    within: "#isAbove",
    why: "the genesis is of the head's chain, so no walk leaves the tree",
    changes: [
      ["each !== undefined && each.serial > ancestor.serial", "each.serial > ancestor.serial"],
      [
        "each !== undefined && (each === ancestor || each.serial > ancestor.serial)",
        "(each === ancestor || each.serial > ancestor.serial)",
      ],
    ],
  },
  {
    file: "firmware/core/ledger/block-tree.ts",
    within: "#isAbove",
    why: "of the ancestor's height only the ancestor is of the head's chain; below it nothing counts",
    changes: [["each.serial > ancestor.serial", "each.serial >= ancestor.serial"]],
  },
  {
    file: "firmware/core/ledger/block-tree.ts",
    within: "#switchTo",
    why: "every link descends from the genesis, as the next line asserts",
    changes: [["fork !== undefined && !this.isOfHead(fork)", "!this.isOfHead(fork)"]],
  },
  {
    file: "firmware/core/ledger/block-tree.ts",
    within: "#dropBesideFinal",
    why: "what lies beside the final one is never above what is justified, so it is passed over: only memory",
    changes: [["this.#open.delete(link);", "(removed)"]],
  },
  {
    file: "firmware/core/ledger/block-tree.ts",
    within: "isBetter",
    why: "two links of one id are one link",
    changes: [["compareBytes(link.id, head.id) < 0", "compareBytes(link.id, head.id) <= 0"]],
  },
  {
    file: "firmware/core/ledger/block-tree.ts",
    within: "isBetter",
    why: "two links of one id are one link, and at its own place it stays what it is",
    changes: [["compareBytes(link.id, head.id) < 0", "compareBytes(link.id, head.id) < 1"]],
  },
  {
    file: "firmware/core/ledger/known-finality.ts",
    within: "forget",
    why: "whatever is held stands in the list of its source: only the type does not know it",
    changes: [["this.#bySource.get(sourceKey) ?? []", "this.#bySource.get(sourceKey)"]],
  },
  {
    file: "firmware/core/ledger/known-finality.ts",
    within: "forget",
    why: "an empty list says what no list says: only memory",
    changes: [
      ["others.length === 0", "false"],
      ["others.length === 0", "others.length === -1"],
    ],
  },
  {
    file: "firmware/core/ledger/known-finality.ts",
    within: "#follow",
    why: "in whichever order links are followed, the same are justified, unless more than a third lies",
    changes: [
      ["waiting.push(...(this.#bySource.get(key) ?? []))", "waiting.unshift(...(this.#bySource.get(key) ?? []))"],
    ],
  },
  {
    file: "firmware/core/ledger/known-finality.ts",
    within: "#noteBefore",
    why: "what was done before is done again, to the same end: only slower",
    changes: [
      [
        "this.#before?.holds(target) !== true || this.#justifiedBefore.has(key)",
        "this.#before?.holds(target) !== true",
      ],
    ],
  },
  {
    file: "firmware/core/ledger/known-finality.ts",
    within: "#finalise",
    why: "nothing that is not higher descends from the final one but itself",
    changes: [
      ["link.serial <= this.#final.serial || !descendsFrom(link, this.#final)", "!descendsFrom(link, this.#final)"],
    ],
  },
  {
    file: "firmware/core/ledger/known-finality.ts",
    within: "#finalise",
    why: "of the final one's height only itself descends from it",
    changes: [["link.serial <= this.#final.serial", "link.serial < this.#final.serial"]],
  },
  {
    file: "firmware/core/ledger/known-finality.ts",
    within: "#choose",
    why: "nothing that is lower descends from the final one: only slower",
    changes: [
      ["link.serial < this.#final.serial || !descendsFrom(link, this.#final)", "!descendsFrom(link, this.#final)"],
    ],
  },
  {
    file: "firmware/core/ledger/known-finality.ts",
    within: "descendsFrom",
    why: "only the genesis has no parent, and nothing is lower",
    changes: [["each !== undefined && each.serial > ancestor.serial", "each.serial > ancestor.serial"]],
  },
  {
    file: "firmware/core/ledger/known-finality.ts",
    within: "isHigher",
    why: "two links of one id are one link",
    changes: [
      ["compareBytes(link.id, than.id) < 0", "compareBytes(link.id, than.id) <= 0"],
      ["compareBytes(link.id, than.id) < 0", "compareBytes(link.id, than.id) < 1"],
    ],
  },
  {
    file: "firmware/core/ledger/heard-votes.ts",
    within: "",
    why: "no vote has a target below 1: it has a source below it",
    changes: [["#forgottenBelow = 0;", "#forgottenBelow = 1;"]],
  },
  {
    file: "firmware/core/ledger/heard-votes.ts",
    within: "",
    why: "what was done before is done again, to the same end: only slower",
    changes: [["#forgottenBelow = 0;", "#forgottenBelow = -1;"]],
  },
  {
    file: "firmware/core/ledger/heard-votes.ts",
    within: "addVote",
    why: "where the committees of a checkpoint are forgotten, the line above refuses: only the type does not know it",
    changes: [
      ["committees === undefined || !seatsOf(committees).includes(member)", "!seatsOf(committees).includes(member)"],
    ],
  },
  {
    file: "firmware/core/ledger/heard-votes.ts",
    within: "addVote",
    why: "of votes that were counted before the certificate is held: it is made once more and changes nothing",
    changes: [
      ['pool === "known" || pool === "refused"', 'pool === "known"'],
      ['pool === "known" || pool === "refused"', 'pool === "refused"'],
      ['pool === "known" || pool === "refused"', "false"],
    ],
  },
  {
    file: "firmware/core/ledger/heard-votes.ts",
    within: "takeWaitingFor",
    why: "one that is checked too early comes to wait again, in the same order: only slower",
    changes: [
      ["[...this.#waiting].filter(([, { body }]) => toHex(body.target.id) === link.key)", "[...this.#waiting]"],
    ],
  },
  {
    file: "firmware/core/ledger/heard-votes.ts",
    within: "forget",
    why: "what was done before is done again, to the same end: only slower",
    changes: [
      ["finalSerial <= this.#forgottenBelow", "finalSerial < this.#forgottenBelow"],
      ["finalSerial <= this.#forgottenBelow", "false"],
      ["this.#forgottenBelow = finalSerial;", "(removed)"],
    ],
  },
  {
    file: "firmware/core/ledger/heard-votes.ts",
    within: "#keep",
    why: "where there are more than 64 there is an oldest: only the type does not know it",
    changes: [
      [
        "this.#waiting.size > WAITING_CERTIFICATES_MAX && oldest !== undefined",
        "this.#waiting.size > WAITING_CERTIFICATES_MAX",
      ],
    ],
  },
];
