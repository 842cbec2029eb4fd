/**
 * OCPI tariff objects in a compact form: a component as "ENERGY 0.25 vat 10 step 1", an element as its components and
 * restrictions. What matters to a price, and nothing else.
 */
export type CompactElement = readonly [components: readonly string[], restrictions?: Readonly<Record<string, unknown>>];

export interface CompactTariff {
  readonly elements: readonly CompactElement[];
  readonly currency?: string;
  readonly rest?: Readonly<Record<string, unknown>>;
}

/** The object as JSON.parse would give it, of OCPI 2.3.0. */
export function ocpiObject({ elements, currency = "EUR", rest = {} }: CompactTariff): Record<string, unknown> {
  return {
    country_code: "NL",
    party_id: "TLY",
    id: "1",
    currency,
    elements: elements.map(([components, restrictions]) => ({
      price_components: components.map(component),
      ...(restrictions === undefined ? {} : { restrictions }),
    })),
    tax_included: "NO",
    last_updated: "2026-01-01T00:00:00Z",
    ...rest,
  };
}

function component(text: string): Record<string, unknown> {
  const [type = "", price = "", ...rest] = text.split(" ");
  const after = (word: string): number | undefined => {
    const place = rest.indexOf(word);
    return place < 0 ? undefined : Number(rest[place + 1]);
  };
  const vat = after("vat");
  return { type, price: Number(price), ...(vat === undefined ? {} : { vat }), step_size: after("step") ?? 1 };
}
