/**
 * Whether a topic matches a filter (MQTT 3.1.1, section 4.7): `+` stands for one level, a last `#` for the rest and
 * also for the level above it; a wildcard in the first place never matches a topic that begins with `$`.
 */
export function matchesFilter(filter: string, topic: string): boolean {
  if (topic.startsWith("$") && /^[+#]/.test(filter)) return false;
  const wanted = filter.split("/");
  const levels = topic.split("/");
  for (const [index, want] of wanted.entries()) {
    if (want === "#") return index === wanted.length - 1;
    if (index >= levels.length) return false;
    if (want !== "+" && want !== levels[index]) return false;
  }
  return wanted.length === levels.length;
}
