/** What the two framings tell the decoder about the bytes at a possible beginning of a frame. */
export type LinkFrame =
  /** Not a beginning: look one byte further. */
  | { readonly kind: "none" }
  /** Perhaps one, but more bytes are needed to tell, or to finish it. */
  | { readonly kind: "incomplete" }
  /** One that arrived damaged. The next may begin inside of it: only its first `skipBytes` are done with. */
  | { readonly kind: "damaged"; readonly lengthBytes: number; readonly skipBytes: number; readonly reason: string }
  | { readonly kind: "frame"; readonly lengthBytes: number; readonly skipBytes: number; readonly segment: LinkSegment };

/** The part of an APDU that one frame carries. */
export interface LinkSegment {
  /** Framing and addresses: parts of one APDU come from one source. */
  readonly source: string;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  /** Place in the APDU where the framing numbers its parts. */
  readonly sequence: number | null;
  readonly bytes: Uint8Array;
}
