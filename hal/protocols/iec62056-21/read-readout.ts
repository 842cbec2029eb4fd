/** The text of one readout: is it whole, is it undamaged, and what does it say? IEC 62056-21, 6.2 and 6.3. */
import type { TelegramValue } from "../telegram.ts";
import { isPlausibleValue, readDataSets, toValues } from "./data-set.ts";
import { readIdentification } from "./identification.ts";

export type Readout =
  | {
      readonly kind: "whole";
      readonly values: readonly TelegramValue[];
      /** By a BCC. */
      readonly isChecked: boolean;
      /** Of what belongs to it, in bytes. */
      readonly length: number;
    }
  | { readonly kind: "unfinished"; readonly where: string }
  | { readonly kind: "bad sum"; readonly found: number; readonly expected: number }
  | { readonly kind: "malformed"; readonly text: string; readonly why: string };

/** Takes everything from the slash on, one character a byte. */
export function readReadout(text: string): Readout {
  const head = HEAD.exec(text);
  if (head === null) {
    const line = /^[^\n]*\n/.exec(text)?.[0];
    if (line !== undefined) return { kind: "malformed", text: line, why: "is no identification" };
    return { kind: "unfinished", where: "in the identification" };
  }
  const hasStart = head[2] !== undefined;
  const etx = text.indexOf(ETX, head[0].length);
  if (etx >= 0) return readChecked(text, { bodyAt: head[0].length, etx, hasStart });

  // Of a push nothing is missing when the stream ends with the mark itself; behind STX a BCC may be.
  const end = (hasStart ? /!\r?\n/ : /!\r?(?:\n|$)/).exec(text);
  if (end === null) return { kind: "unfinished", where: "before the end mark" };
  const length = end.index + end[0].length;
  const behind = text.slice(length);
  if (hasStart && /[^\r\n\0 ]/.test(behind)) {
    return { kind: "malformed", text: behind, why: "stands where ETX and BCC should be" };
  }
  if (readIdentification(head[1] ?? "") === undefined) {
    return { kind: "malformed", text: head[1] ?? "", why: "is no identification" };
  }
  return readBody(text.slice(head[0].length, end.index), { isChecked: false, length });
}

/**
 * Identification, and what may stand before the data: STX, before which the echo of the reader's answer and a few bytes
 * that the change of speed has garbled may lie; or without STX an echo and empty lines.
 */
const HEAD = /^(\/[^\r\n]*)\r?\n(?:[^\x02\x03(]{0,16}(\x02)|(?:\x06[^\r\n]{0,8}\r?\n)?(?:\r?\n)*)/;
const ETX = "\x03";

interface Frame {
  readonly bodyAt: number;
  readonly etx: number;
  readonly hasStart: boolean;
}

function readChecked(text: string, { bodyAt, etx, hasStart }: Frame): Readout {
  if (!hasStart)
    return { kind: "malformed", text: text.slice(bodyAt), why: "does not begin with STX, but ends with ETX" };
  const found = text.charCodeAt(etx + 1);
  if (Number.isNaN(found)) return { kind: "unfinished", where: "before the BCC" };
  let expected = 0;
  for (let index = bodyAt; index <= etx; index += 1) expected ^= text.charCodeAt(index);
  if (found !== expected) return { kind: "bad sum", found, expected };
  const body = text.slice(bodyAt, etx);
  const end = /!(?:\r?\n)?$/.exec(body);
  if (end === null) return { kind: "malformed", text: body.slice(-8), why: "is not the end mark" };
  return readBody(body.slice(0, end.index), { isChecked: true, length: etx + 2 });
}

function readBody(body: string, { isChecked, length }: { isChecked: boolean; length: number }): Readout {
  const values: TelegramValue[] = [];
  let code: string | undefined;
  for (const line of body.split(/\r?\n/)) {
    if (line === "") continue;
    for (const { address, raw } of readDataSets(line) ?? [NO_SET]) {
      code = address === "" ? code : address;
      if (code === undefined || raw === NO_SET.raw) return { kind: "malformed", text: line, why: "is no data set" };
      const isPlausible = isChecked ? isLegible(code, raw) : ADDRESS.test(code) && isPlausibleValue(raw, isUnit);
      if (!isPlausible) {
        const why = isChecked ? "is no data set" : "is no data set, and there is no BCC";
        return { kind: "malformed", text: `${code}(${raw})`, why };
      }
      values.push(...toValues(code, raw, "as sent"));
    }
  }
  if (values.length === 0) return { kind: "malformed", text: body, why: "is no data set" };
  return { kind: "whole", values, isChecked, length };
}

/** A raw value cannot contain a bracket. */
const NO_SET = { address: "", raw: "(" } as const;

/** OBIS or EDIS code, long or short, with the number of a stored value behind `*` or `&`; letters are capital. */
const ADDRESS = /^(?:\d{1,3}-\d{1,3}:)?[0-9A-Z]{1,3}(?:\.[0-9A-Z]{1,3}){0,4}(?:[*&][0-9A-Z]{1,3})?$/;

/** Two bytes that have changed places have the same BCC: what no address and no value has in it is refused as well. */
function isLegible(address: string, raw: string): boolean {
  return /^[0-9A-Z.:*&-]+$/.test(address) && /^[ -~]*$/.test(raw);
}

/** Units are many in D0 (`kWh`, `m3ph`, `m3/h`, `secs`); what all have in common is little. */
function isUnit(unit: string): boolean {
  return /^[A-Za-z%][A-Za-z0-9%]{0,7}(?:\/[A-Za-z]{1,4})?$/.test(unit);
}
