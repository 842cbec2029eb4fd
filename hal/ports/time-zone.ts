/** The civil time of one place, as its law sets it. */
export interface TimeZone {
  /** Name in the IANA database, such as Europe/Amsterdam. */
  readonly name: string;

  /**
   * What clocks on the wall there are ahead of UTC at an instant, in whole seconds; negative west of it. Constant
   * between two changes of the clock, which are never less than an hour apart.
   */
  offsetSecondsAt(unixSeconds: number): number;
}
