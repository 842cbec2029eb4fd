/** Who made a meter, from the name of its model's table: as the maker writes itself. */

/** Undefined for a model whose name does not begin with a maker. */
export function meterMaker(model: string): string | undefined {
  return MAKERS.get(model.split("-")[0] ?? "");
}

const MAKERS = new Map([
  ["abb", "ABB"],
  ["acrel", "Acrel"],
  ["bauer", "Bauer"],
  ["cg", "Carlo Gavazzi"],
  ["eastron", "Eastron"],
  ["finder", "Finder"],
  ["inepro", "Inepro"],
  ["iskra", "Iskra"],
  ["janitza", "Janitza"],
  ["phoenix", "Phoenix Contact"],
  ["schneider", "Schneider Electric"],
  ["siemens", "Siemens"],
  ["socomec", "Socomec"],
]);
