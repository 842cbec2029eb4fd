/** `show`: what a chain says, for people and for programs. */
import { toHex } from "#base/bytes.ts";
import { deviceIdOf, shortDeviceId } from "#core/identity/device-id.ts";
import { askContract } from "#core/session/ask-contract.ts";
import { evidenceNumber } from "#core/evidence/evidence-body.ts";
import type { Block } from "#core/ledger/block.ts";
import type { Chain, ChainLink } from "#core/ledger/chain.ts";
import type { Fact } from "#core/ledger/fact.ts";
import { biasOf, counterpartiesOf, historyOf, isEligible } from "#core/ledger/reputation.ts";
import { NO_TALLY } from "#core/ledger/state.ts";
import { kwhText, shortId, utcText } from "#records/quantity-text.ts";
import { receiptData, receiptLines } from "#records/receipt-text.ts";
import { highestLevel } from "#records/sealed-finality.ts";
import { viewOfCharge } from "#records/receipt-view.ts";
import { notAmong, type CommandArguments } from "./command.ts";
import { CommandError } from "./command-error.ts";
import type { CommandIo } from "./command-io.ts";
import { EXIT } from "./exit-code.ts";
import { keptFrom, keptFromText } from "./joined-store.ts";
import { findAddress } from "./find-address.ts";
import { showLearnedLoss } from "./learned-loss.ts";
import { loadChain } from "./load-chain.ts";
import { decisionText, showRules } from "./governor/show-rules.ts";
import { choiceLines, choiceOf } from "./paper/miner-lines.ts";
import { showPaper } from "./paper/show-paper.ts";

/** What is shown: lines for people, and the same as data. */
export interface Shown {
  readonly lines: readonly string[];
  readonly data: unknown;
}

export async function runShow(given: CommandArguments, io: CommandIo): Promise<number> {
  const [what = "", which] = given.words;
  const view = Object.hasOwn(VIEWS, what) ? VIEWS[what] : undefined;
  if (view === undefined) throw new CommandError(EXIT.usage, `show what? ${notAmong(what, Object.keys(VIEWS))}`);
  if (which === undefined ? view.word === "needed" : view.word === "none") {
    throw new CommandError(
      EXIT.usage,
      which === undefined ? `show ${what} which?` : `show ${what} takes no "${which}"`,
    );
  }
  const shown = view.show(await loadChain(given, io), which ?? "");
  if (given.flag("json")) io.out(JSON.stringify(shown.data));
  else for (const line of shown.lines) io.out(line);
  return EXIT.ok;
}

interface View {
  /** Whether it is asked of something. */
  readonly word: "needed" | "possible" | "none";
  readonly show: (chain: Chain, which: string) => Shown;
}

const VIEWS: Readonly<Record<string, View>> = {
  chain: { word: "none", show: showChain },
  block: { word: "needed", show: showBlock },
  tx: { word: "needed", show: showCharge },
  nodes: { word: "none", show: showNodes },
  paper: { word: "possible", show: showPaper },
  rules: { word: "none", show: showRules },
};

function showChain(chain: Chain): Shown {
  const { genesis, head, final } = chain;
  const links = linksOf(chain);
  const kept = keptFrom(chain);
  const { name, startedAt } = genesis.body;
  const { rules } = head.state;
  const lines = [
    `region ${name}, network ${toHex(genesis.network)}, rules: ${rules.profile}, since ${utcText(startedAt)}`,
    ...links.map(blockLine),
    ...(kept === undefined ? [] : [keptFromText(kept)]),
    `head: block ${head.state.serial}, ${toHex(head.state.id)}; ${chain.mempool.size} facts wait`,
    highestLevel(chain) === "C1"
      ? "final: no block, nobody votes in this region"
      : `final: up to block ${final.serial}`,
  ];
  const data = {
    region: name,
    network: toHex(genesis.network),
    genesis: toHex(genesis.id),
    rules,
    startedAt,
    serial: head.state.serial,
    head: toHex(head.state.id),
    final: highestLevel(chain) === "C1" ? null : final.serial,
    keptFrom: kept?.serial ?? 1,
    blocks: links.map(blockData),
    waitingFacts: chain.mempool.facts().map((fact) => factData(chain, fact)),
  };
  return { lines, data };
}

function showBlock(chain: Chain, which: string): Shown {
  const serial = /^\d{1,9}$/.test(which) ? Number(which) : Number.NaN;
  const link = chain.at(serial);
  const head = chain.head.state.serial;
  if (link?.block === undefined) {
    throw new CommandError(EXIT.usage, `found "${which}", expected a block from 1 to ${head}`);
  }
  const { block, results } = link;
  const { header } = block;
  const choice = choiceOf(chain, link);
  const lines = [
    `block ${header.serial}, ${block.key}`,
    `  previous  ${toHex(header.previous)}`,
    `  sealed    ${utcText(header.sealedAt)}, slot ${header.slot}`,
    `  miner     ${shortDeviceId(header.miner)}, rank ${header.rank[0]}, tier ${header.rank[1]}`,
    ...(choice === undefined ? [] : choiceLines(chain, choice).map((line) => `    ${line}`)),
    `  signature ${toHex(block.signature)}`,
    `  facts     ${factCountText(block)}`,
    ...block.facts.map((fact) => `    ${factLine(chain, fact)}`),
    `  results   ${results.length}`,
    ...results.map(
      (result) => `    ${shortId(result.address)} ${result.state}, ${kwhText(result.billedMilliWh)} billed`,
    ),
  ];
  const resultData = results.map((result) => ({ ...result, address: toHex(result.address) }));
  return {
    lines,
    data: {
      ...blockData(link),
      signature: toHex(block.signature),
      choice,
      facts: block.facts.map((fact) => factData(chain, fact)),
      results: resultData,
    },
  };
}

function showCharge(chain: Chain, which: string): Shown {
  const view = viewOfCharge(chain, findAddress(chain, which));
  if (view === undefined) throw new CommandError(EXIT.usage, `no charge at "${which}"`);
  const { contract, answers } = askContract(view.charge, view.result !== undefined);
  const told = [...answers].map(([name, value]) => [name, value === undefined ? "trapped" : String(value)] as const);
  const answered = told.map(([name, value]) => `${name} = ${value}`).join(", ");
  const loss = showLearnedLoss(chain, view.charge.open);
  return {
    lines: [
      ...receiptLines(view),
      `contract ${contract} answers: ${answered} (energies in mWh)`,
      ...(loss?.lines ?? []),
    ],
    data: {
      ...receiptData(view),
      contract: { name: contract, answers: Object.fromEntries(told) },
      ...(loss === undefined ? {} : { learnedLoss: loss.data }),
    },
  };
}

function showNodes(chain: Chain): Shown {
  const { state } = chain.head;
  const nodes = [...state.members.entries()].map(([did, member]) => {
    const { settled, disputed, abandoned } = state.tallies.get(did) ?? NO_TALLY;
    return {
      did,
      device: shortDeviceId(member.did),
      role: member.role,
      organisation: member.organisation,
      isAuthority: state.authorities.has(did),
      isEligible: isEligible(state, member, state.sealedAt),
      history: historyOf(state, did, state.sealedAt),
      counterparties: counterpartiesOf(state, did, state.sealedAt),
      ...{ settled, disputed, abandoned },
      bias: biasOf(state, did),
    };
  });
  const lines = nodes.map((node) => {
    const right = node.isEligible ? "may seal" : node.isAuthority ? "authority" : "";
    const tally = `${node.settled} settled, ${node.disputed} disputed, ${node.abandoned} abandoned`;
    const history = `history ${node.history} with ${node.counterparties}`;
    const bias = node.bias.isAlarm ? `ALARM: errs in its own favour, over ${node.bias.votes} charges` : "";
    const about = [node.role.padEnd(7), tally, history, right, bias, node.organisation].filter((part) => part !== "");
    return `${node.device}  ${about.join("  ")}`;
  });
  return { lines, data: nodes };
}

function linksOf(chain: Chain): readonly ChainLink[] {
  return Array.from({ length: chain.head.state.serial }, (_, place) => chain.at(place + 1)).filter(
    (link): link is ChainLink => link !== undefined,
  );
}

function blockLine({ block, results, serial: place }: ChainLink): string {
  if (block === undefined) return `block ${place}`;
  const { serial, sealedAt, miner, rank } = block.header;
  const ended = results.map((result) => `${shortId(result.address)} ${result.state}`);
  const by = `by ${shortDeviceId(miner)}${rank[0] === 0 ? "" : ` (rank ${rank[0]})`}`;
  return [
    `block ${serial.toString().padEnd(5)} ${shortId(block.id)}  ${utcText(sealedAt)}  ${by}`,
    `${factCountText(block)} facts`,
    ...ended,
  ].join("  ");
}

/** Of a block that was dropped some may be kept. */
function factCountText({ facts, header: { factCount } }: Block): string {
  return facts.length === factCount ? `${factCount}` : `${facts.length} of ${factCount}`;
}

function blockData({ block, results, serial, id }: ChainLink): Readonly<Record<string, unknown>> {
  if (block === undefined) return { serial, id: toHex(id) };
  const { header } = block;
  return {
    serial: header.serial,
    id: block.key,
    previous: toHex(header.previous),
    miner: toHex(header.miner),
    rank: header.rank[0],
    tier: header.rank[1],
    slot: header.slot,
    sealedAt: header.sealedAt,
    facts: block.facts.length,
    results: results.map(({ address, state: outcome }) => ({ address: toHex(address), state: outcome })),
  };
}

function factLine(chain: Chain, fact: Fact): string {
  return `${fact.kind.padEnd(8)} ${fact.key.slice(0, 12)}  ${aboutFact(chain, fact)}`;
}

function aboutFact(chain: Chain, fact: Fact): string {
  switch (fact.kind) {
    case "JOIN": {
      const device = shortDeviceId(deviceIdOf(chain.context.crypto, fact.body.inception));
      return `${device} ${fact.body.organisation}`.trimEnd();
    }
    case "ROTATE":
      return `${shortDeviceId(fact.body.device)} to its key ${fact.body.number}, by the ${fact.body.by}`;
    case "REVOKE":
      return `${shortDeviceId(fact.body.device)} from ${utcText(fact.body.from)}, ${fact.body.reason}`;
    case "PARAMS":
    case "RECONFIG":
      return decisionText(fact);
    case "CODE":
      return `${shortDeviceId(fact.body.member)} ${fact.body.number}, ${fact.body.program.length} bytes of program`;
    case "OPEN":
      return `${shortDeviceId(fact.body.vehicle)} at ${shortDeviceId(fact.body.station)} outlet ${fact.body.evse}`;
    case "EVIDENCE":
      return `E${evidenceNumber(fact.body.kind)}, shown by ${shortDeviceId(fact.body.member)}`;
    case "REPORT":
      return `${shortId(fact.body.address)} ${fact.body.role} ${fact.body.sequence}`;
    case "COMPLETE":
      return `${shortId(fact.body.address)} ${fact.body.role}, ${fact.body.reason}`;
    case "CANCEL":
      return `${shortId(fact.body.address)} ${fact.body.role}`;
    case "RESOLVE":
      return `${shortId(fact.body.address)} ${fact.body.role} proposes ${kwhText(fact.body.energyMilliWh)}`;
    case "ADJUDICATE":
      return `${shortId(fact.body.address)} ${kwhText(fact.body.energyMilliWh)}, fault: ${fact.body.fault}`;
  }
}

function factData(chain: Chain, fact: Fact): Readonly<Record<string, unknown>> {
  return { kind: fact.kind, id: fact.key, bytes: fact.bytes.length, about: aboutFact(chain, fact) };
}
