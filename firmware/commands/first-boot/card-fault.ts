/** What is wrong on the card, so that whoever edited it can put it right without asking anybody. */
export interface CardFault {
  /** A key such as `meter.unit`, or the name of a file on the card. */
  readonly path: string;
  /** In tallystick.toml, from 1; absent where no line can be named. */
  readonly line?: number;
  readonly found: string;
  readonly expected: string;
  /** What to do, where what is expected does not say it. */
  readonly advice?: string;
  /** The line as it could be. */
  readonly example?: string;
}

/** Names on the card. Its own configuration is called as everywhere else: `tallystick.toml`. */
export const CARD_NAME = "tallystick.toml";
export const REPORT_NAME = "REPORT.txt";
export const README_NAME = "README.txt";
