/**
 * The readings that one side has taken and not yet reported: one at each multiple of the interval since the start, in
 * runs without gaps, since a report says where its first reading stands and then counts on.
 */
export interface ReadingSeries {
  /** Index of the first reading; reading k belongs to t0 + k × interval. */
  readonly first: number;
  readonly registersMilliWh: readonly number[];
}

export interface Taken {
  /** A run that is complete because the gateway was away when the next reading was due. */
  readonly closed: ReadingSeries | undefined;
  readonly open: ReadingSeries | undefined;
}

/** Takes the register as reading k if k is due and not taken yet. `next` is the first index not yet reported. */
export function takeReading(
  open: ReadingSeries | undefined,
  next: number,
  index: number,
  registerMilliWh: number,
): Taken {
  if (open === undefined) {
    const fresh = index >= next ? { first: index, registersMilliWh: [registerMilliWh] } : undefined;
    return { closed: undefined, open: fresh };
  }
  const place = index - open.first - open.registersMilliWh.length;
  if (place < 0) return { closed: undefined, open };
  // Registers are signed as they only grow: one that fell back is held at the last that was taken.
  const register = Math.max(registerMilliWh, open.registersMilliWh.at(-1) ?? 0);
  if (place > 0) return { closed: open, open: { first: index, registersMilliWh: [register] } };
  return { closed: undefined, open: { ...open, registersMilliWh: [...open.registersMilliWh, register] } };
}

/** As a report carries them: the first register, then what each further one adds. */
export function asSteps(series: ReadingSeries): readonly number[] {
  return series.registersMilliWh.map((register, place) =>
    place === 0 ? register : register - (series.registersMilliWh[place - 1] ?? register),
  );
}
