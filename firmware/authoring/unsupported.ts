/** What CEL has and contracts have not, and what to write in its place. */
export const UNSUPPORTED_FUNCTIONS: ReadonlyMap<string, string> = new Map([
  ["double", "there are no fractions: count in a smaller unit"],
  ["uint", "there is one kind of integer, with a sign: write int(…)"],
  ["bytes", "there are no bytes: use text or integers"],
  ["type", "types are known before a contract runs"],
  ["dyn", "types are known before a contract runs"],
  ["has", "every input is there: compare it"],
  ["matches", "there are no patterns: use contains, startsWith or endsWith"],
  ["timestamp", "times are integers: unix seconds, as the inputs have them"],
  ["duration", "durations are integers: seconds"],
  ["bind", "give the value a name under let"],
  ["transformList", "use map and filter"],
  ["transformMap", "there are no maps"],
  ["greatest", "write max(a, b)"],
  ["least", "write min(a, b)"],
]);

export const NO_FRACTIONS = "count in a smaller unit: 0.35 of a unit is 350000 millionths";
export const NO_UNSIGNED = "leave the u away: there is one kind of integer, with a sign";
