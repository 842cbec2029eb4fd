/**
 * Where snapshots are kept: generations of frames, the newest of which is added to. What callers may rely on: frames
 * come back as they were written, in their order, up to the last that is whole; a generation that was whole before
 * another one was begun is there until that one is whole.
 */
export interface SnapshotStore {
  /** Newest first, as they were when the store was opened. */
  readonly generations: readonly SnapshotGeneration[];
  /** Begins another generation with room for about twice so many bytes. False when there is no room for it. */
  begin(bytes: number): Promise<boolean>;
  /** Goes on behind so many frames of a generation. False when it has not got them. */
  resume(generation: SnapshotGeneration, frames: number): Promise<boolean>;
  /** False when the generation has no room for them. */
  append(frames: readonly Uint8Array[]): Promise<boolean>;
  /** All that was appended survives a power cut, and the generation is whole. */
  sync(): Promise<void>;
}

export interface SnapshotGeneration {
  frames(): AsyncIterable<Uint8Array>;
}
