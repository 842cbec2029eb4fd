/**
 * A button that people press.
 *
 * What its owner may rely on: presses and releases alternate, beginning with a press; one that is held down when the
 * box starts is told as a press; nothing is told after its board is closed. Bouncing is not told.
 */
export interface Button {
  readonly isPressed: boolean;
}

export interface ButtonListener {
  onPress(): void;
  onRelease?(): void;
}
