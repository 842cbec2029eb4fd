/** A list of gateways, as an operator keeps it: what the card of each is to say, and where in the list it stands. */
import type { Table } from "../first-boot/read-card.ts";

export interface ListedGateway {
  /** Of the list, from 1. */
  readonly line: number;
  /** The card's tables. */
  readonly card: Table;
}

export interface ListFault {
  readonly line: number;
  /** Column or key; empty where the whole line is meant. */
  readonly path: string;
  readonly problem: string;
}

/** More gateways are more than one list. */
export const GATEWAYS_MAX = 2000;
export const LIST_BYTES_MAX = 4 * 1024 * 1024;

export function faultText(list: string, { line, path, problem }: ListFault): string {
  return `${list}, line ${line}${path === "" ? "" : `, ${path}`}: ${problem}`;
}

/** Of a gateway whose name is no text the place in the list. */
export function nameOf({ card, line }: ListedGateway): string {
  const name = card["name"];
  return typeof name === "string" && name !== "" ? name : `line ${line}`;
}
