/**
 * `show paper`: a chain beside the paper that this is built from. Each thing the paper names, in its words and with
 * its section, and where in the chain it stands.
 */
import { toHex } from "#base/bytes.ts";
import type { Chain } from "#core/ledger/chain.ts";
import { findAddress } from "../find-address.ts";
import type { Shown } from "../show.ts";
import { blockElements } from "./block-elements.ts";
import { chargeElements } from "./charge-elements.ts";
import { nodeElements } from "./node-elements.ts";
import type { PaperElement } from "./paper-element.ts";
import { paperTour } from "./paper-tour.ts";
import { switchesOf, type Switch } from "./switches.ts";

/** @param which the beginning of a charge's address; empty for the newest */
export function showPaper(chain: Chain, which: string): Shown {
  const tour = paperTour(chain, which === "" ? undefined : findAddress(chain, which));
  const elements = [...blockElements(tour), ...nodeElements(tour), ...chargeElements(tour)];
  const switches = switchesOf(chain.genesis.body, tour.charge?.open.fact.body.terms);
  const charge = tour.charge === undefined ? undefined : toHex(tour.charge.view.address);
  return {
    lines: [...switchLines(chain, switches), chargeLine(charge), ...elements.flatMap(elementLines)],
    data: { charge: charge ?? null, switches, elements },
  };
}

function switchLines(chain: Chain, switches: readonly Switch[]): readonly string[] {
  const { name, rules } = chain.genesis.body;
  const others = switches.filter(({ paper, found }) => paper !== found);
  const head = `region ${name}, rules: ${rules.profile}`;
  if (others.length === 0) return [`${head}; all ${switches.length} switches are as the paper has them`];
  return [
    `${head}; ${others.length} of ${switches.length} switches are not as the paper has them:`,
    ...others.map((each) => `  ${each.name.padEnd(24)} ${each.found} (paper: ${each.paper})`),
  ];
}

function chargeLine(charge: string | undefined): string {
  return charge === undefined ? "no block holds a contract yet" : `charge ${charge}`;
}

function elementLines({ section, name, where, found }: PaperElement): readonly string[] {
  return [
    "",
    `${section}  ${name}`,
    `  in: ${where}`,
    ...(found.length === 0 ? ["  - not in this chain"] : found.map((line) => `  ${line}`)),
  ];
}
