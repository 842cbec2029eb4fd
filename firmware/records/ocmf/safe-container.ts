/**
 * The XML container in which charge records travel to the transparency software: `<values>` with a `<value>` for each
 * record, its signed text and the public key (SAFE, XML format). Written and read.
 */
import { fail, ok, type Result } from "#base/result.ts";
import { escapeXml, readXml, type XmlElement, type XmlFault } from "./xml-text.ts";

export interface ContainerValue {
  readonly transactionId: string | undefined;
  /** `Transaction.Begin`, `Transaction.End` or nothing. */
  readonly context: string | undefined;
  readonly signedData: EncodedText;
  readonly publicKey: EncodedText | undefined;
}

export interface EncodedText {
  /** As its maker states it; often something else than it is. */
  readonly encoding: string | undefined;
  /** As its maker states it, such as OCMF. */
  readonly format: string | undefined;
  readonly text: string;
}

export interface ContainerFault {
  readonly code: "CONTAINER_WITHOUT_VALUES";
}

export function readContainer(xml: string): Result<readonly ContainerValue[], XmlFault | ContainerFault> {
  const document = readXml(xml);
  if (!document.ok) return document;
  const values = valuesIn(document.value);
  return values.length === 0 ? fail({ code: "CONTAINER_WITHOUT_VALUES" }) : ok(values);
}

export interface OwnValue {
  /** The record as it was signed. */
  readonly record: string;
  /** SubjectPublicKeyInfo in hexadecimal digits. */
  readonly publicKey: string;
  readonly transactionId: string;
}

/** The records stand as they are: what XML must not read as its own is escaped, and comes back as it was. */
export function writeContainer(values: readonly OwnValue[]): string {
  const written = values.map(
    ({ record, publicKey, transactionId }) =>
      `  <value transactionId="${escapeXml(transactionId)}" context="Transaction.End">\n` +
      `    <signedData format="OCMF" encoding="plain">${escapeXml(record)}</signedData>\n` +
      `    <publicKey encoding="hex">${escapeXml(publicKey)}</publicKey>\n` +
      "  </value>\n",
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n<values>\n${written.join("")}</values>\n`;
}

function valuesIn(element: XmlElement): readonly ContainerValue[] {
  if (element.name === "value") {
    const value = valueOf(element);
    return value === undefined ? [] : [value];
  }
  return element.children.flatMap(valuesIn);
}

function valueOf(element: XmlElement): ContainerValue | undefined {
  const part = (name: string): EncodedText | undefined => {
    const found = element.children.find((child) => child.name === name);
    if (found === undefined) return undefined;
    return { encoding: found.attributes.get("encoding"), format: found.attributes.get("format"), text: found.text };
  };
  const signedData = part("signedData") ?? part("encodedData");
  if (signedData === undefined) return undefined;
  const { attributes } = element;
  return {
    transactionId: attributes.get("transactionId"),
    context: attributes.get("context"),
    signedData,
    publicKey: part("publicKey"),
  };
}
