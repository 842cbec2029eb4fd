/** The simulated time as the story tells it: hours, minutes and seconds since the region began. */
export function timeOf(monotonicMs: number): string {
  const seconds = Math.floor(monotonicMs / 1000);
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}
