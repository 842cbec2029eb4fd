/**
 * The values of a pushed list. There is no one layout: a list is read by the first of these ways that fits it.
 *
 *  - positional: no codes at all, the maker's table says what stands where (`list-layouts.ts`);
 *  - described: the first element lists the attributes that the others are the values of (Landis+Gyr and others that
 *    push their push_object_list, COSEM class 40, attribute 2);
 *  - coded: a code is followed by its value and perhaps by its scaler and unit, as a flat list (Kamstrup, Netz NÖ) or
 *    in a structure for each (Aidon).
 */
import { toHex } from "#base/bytes.ts";
import { fail, ok, type Result } from "#base/result.ts";
import type { TelegramValue } from "../telegram.ts";
import { AXDR_LONG_UNSIGNED, type AxdrData, type AxdrDocument } from "./axdr.ts";
import { LIST_LAYOUTS, type ListLayout, type ListLayoutName } from "./list-layouts.ts";
import { listValue, readScalerUnit, type ScalerUnit } from "./list-values.ts";
import { OBIS_CODE_BYTES, obisCode } from "./obis-code.ts";
import { printableText } from "../ascii.ts";

export interface PushList {
  readonly layout: ListLayoutName | "kamstrup" | "described" | "coded";
  readonly values: readonly TelegramValue[];
}

/** The list, or in one sentence why there are no values. */
export function readPushList(document: AxdrDocument): Result<PushList, string> {
  const { data, isShort } = document;
  if (data.kind !== "list") return fail("the notification carries one item instead of a list");
  const layout = LIST_LAYOUTS.find((each) => fitsLayout(each, data.elements, isShort));
  if (layout !== undefined) return ok({ layout: layout.name, values: readPositional(layout, data.elements) });
  if (isShort) return fail("the data end before the list does");
  const given = readDescriptions(data.elements[0]);
  if (given !== undefined) {
    const descriptions = descriptionsOfElements(given, data.elements.length);
    if (descriptions === undefined) {
      return fail(`${given.length} descriptions do not fit a list of ${data.elements.length} elements`);
    }
    return ok({ layout: "described", values: readDescribed(data.elements, descriptions) });
  }
  const values = readCoded(data.elements);
  if (values.length === 0) return fail(`a list of ${data.elements.length} elements in a layout that is not known here`);
  return ok({ layout: isKamstrup(data.elements) ? "kamstrup" : "coded", values });
}

function fitsLayout(layout: ListLayout, elements: readonly AxdrData[], isShort: boolean): boolean {
  const { length } = elements;
  const isComplete = isShort ? layout.mayEndEarly === true : length === layout.shape.length;
  if (!isComplete || !beginsAs(layout, elements[0])) return false;
  return elements.every((element, index) => element.kind === "none" || shapeOf(element) === layout.shape[index]);
}

function beginsAs({ firstBegins, firstTag }: ListLayout, first: AxdrData | undefined): boolean {
  if (firstTag !== undefined && (first?.kind !== "number" || first.tag !== firstTag)) return false;
  return beginningOf(first).startsWith(firstBegins ?? "");
}

function shapeOf(data: AxdrData): string {
  switch (data.kind) {
    case "octets":
    case "text":
      return "o";
    case "number":
    case "boolean":
      return "n";
    case "none":
    case "list":
      return "";
  }
}

function beginningOf(data: AxdrData | undefined): string {
  return data?.kind === "octets" || data?.kind === "text" ? toHex(data.bytes) : "";
}

function readPositional(layout: ListLayout, elements: readonly AxdrData[]): readonly TelegramValue[] {
  return elements.flatMap((element, index) => {
    const code = layout.codes[index];
    if (code === undefined || code === null) return [];
    const isNumber = layout.numbersInOctets?.includes(code) === true && element.kind === "octets";
    return present(listValue(code, isNumber ? numberIn(element.bytes) : element));
  });
}

function numberIn(bytes: Uint8Array): AxdrData {
  if (bytes.length === 0) return { kind: "none" };
  return { kind: "number", tag: AXDR_LONG_UNSIGNED, digits: BigInt(`0x${toHex(bytes)}`), exponent: 0 };
}

interface Description {
  readonly classId: number;
  readonly code: string;
  readonly attribute: number;
}

const PUSH_SETUP_CLASS = 40;
const PUSH_OBJECT_LIST_ATTRIBUTE = 2;
const VALUE_ATTRIBUTE = 2;
const SCALER_UNIT_ATTRIBUTE = 3;

/** The descriptions, or undefined when it is no list of them. Taken for a list of values it would give wrong ones. */
function readDescriptions(first: AxdrData | undefined): readonly Description[] | undefined {
  if (first?.kind !== "list" || first.elements.length === 0) return undefined;
  const descriptions = first.elements.flatMap((item) => present(readDescription(item)));
  return descriptions.length === first.elements.length ? descriptions : undefined;
}

/**
 * One description an element, or undefined when their numbers do not fit. The list of descriptions is an attribute like
 * the others and describes itself first; where it does not, what it describes begins behind it. Of meters that count
 * their descriptions instead of their elements the last description has no element.
 */
function descriptionsOfElements(given: readonly Description[], elements: number): readonly Description[] | undefined {
  if (describesItself(given)) return given.length === elements ? given : undefined;
  return given.length === elements || given.length === elements - 1 ? [NOT_DESCRIBED, ...given] : undefined;
}

function describesItself([first]: readonly Description[]): boolean {
  return first?.classId === PUSH_SETUP_CLASS && first.attribute === PUSH_OBJECT_LIST_ATTRIBUTE;
}

const NOT_DESCRIBED: Description = { classId: 0, code: "", attribute: 0 };

/** Class, logical name, attribute, data index: COSEM class 40, attribute 2. */
function readDescription(data: AxdrData): Description | undefined {
  if (data.kind !== "list") return undefined;
  const [classId, name, attribute] = data.elements;
  if (classId?.kind !== "number" || classId.tag !== AXDR_LONG_UNSIGNED) return undefined;
  if (attribute?.kind !== "number" || !isObisCode(name)) return undefined;
  return { classId: Number(classId.digits), code: obisCode(name.bytes), attribute: Number(attribute.digits) };
}

function readDescribed(elements: readonly AxdrData[], descriptions: readonly Description[]): readonly TelegramValue[] {
  const scales = new Map<string, ScalerUnit>();
  for (const [index, description] of descriptions.entries()) {
    const scale = description.attribute === SCALER_UNIT_ATTRIBUTE ? readScalerUnit(elements[index]) : undefined;
    if (scale !== undefined) scales.set(description.code, scale);
  }
  return descriptions.flatMap(({ code, attribute }, index) => {
    const element = elements[index];
    const scale = attribute === VALUE_ATTRIBUTE ? scales.get(code) : undefined;
    return element === undefined ? [] : present(listValue(code, element, scale));
  });
}

function readCoded(elements: readonly AxdrData[]): readonly TelegramValue[] {
  const values: TelegramValue[] = [];
  for (let index = 0; index < elements.length; index += 1) {
    const element = elements[index];
    const next = elements[index + 1];
    if (element?.kind === "list" && !isWholeDescription(element)) values.push(...readCoded(element.elements));
    if (!isObisCode(element) || next === undefined || next.kind === "list") continue;
    const scale = readScalerUnit(elements[index + 2]);
    values.push(...present(listValue(obisCode(element.bytes), next, scale)));
    index += scale === undefined ? 1 : 2;
  }
  return values;
}

/** The number of an attribute behind a code is no value. */
function isWholeDescription(data: AxdrData & { readonly kind: "list" }): boolean {
  return data.elements.length === DESCRIPTION_ELEMENTS && readDescription(data) !== undefined;
}

const DESCRIPTION_ELEMENTS = 4;

function isObisCode(data: AxdrData | undefined): data is { readonly kind: "octets"; readonly bytes: Uint8Array } {
  return data?.kind === "octets" && data.bytes.length === OBIS_CODE_BYTES;
}

function isKamstrup([first]: readonly AxdrData[]): boolean {
  return first?.kind === "text" && printableText(first.bytes)?.startsWith("Kamstrup_V") === true;
}

function present<Value>(value: Value | undefined): readonly Value[] {
  return value === undefined ? [] : [value];
}
