/** Parts of what is stored in the state, taken out of CBOR: what has not its form is malformed. */
import { assert } from "#base/assert.ts";
import { isList, isMap, type CborValue } from "#core/wire/cbor.ts";
import { readShape, type Shape } from "#core/wire/schema.ts";

export function without(item: CborValue, ...keys: readonly number[]): CborValue {
  assert(isMap(item), "a body is a map");
  return new Map([...item].filter(([key]) => !keys.includes(key)));
}

export function withKeys(item: CborValue, ...entries: readonly (readonly [number, CborValue])[]): CborValue {
  if (!isMap(item) || entries.some(([key]) => item.has(key))) throw new Malformed();
  return new Map([...item, ...entries]);
}

export function part<Value>(shape: Shape<Value>, item: CborValue): Value {
  const value = readShape(shape, item);
  if (!value.ok) throw new Malformed();
  return value.value;
}

export function listIn(item: CborValue): readonly CborValue[] {
  if (!isList(item)) throw new Malformed();
  return item;
}

export function pairIn(item: CborValue): readonly [CborValue, CborValue] {
  const [one, other, ...more] = listIn(item);
  if (one === undefined || other === undefined || more.length > 0) throw new Malformed();
  return [one, other];
}

/** Is caught where a stored charge is read, and never leaves that. */
export class Malformed extends Error {}
