/**
 * Whoever started this process as a service: it wants to hear when the service is there, and ends one that it does not
 * hear from in time.
 */
import type { Result } from "#base/result.ts";

export interface Supervisor {
  /** It ends the service after so long without a sign of life. Undefined when it does not watch. */
  readonly watchdogMs: number | undefined;
  /** Never waits. What was not told is lost; the next sign of life is due soon enough. */
  tell(news: SupervisorNews): Result<void, SupervisorFault>;
}

export interface SupervisorNews {
  /** The service does its work from now on. */
  readonly ready?: true;
  /** It has been asked to end, and does. */
  readonly stopping?: true;
  /** A sign of life. */
  readonly alive?: true;
  /** For people, one line. */
  readonly status?: string;
}

export type SupervisorFault =
  /** Nothing on this machine can send to it. */
  | { readonly code: "SUPERVISOR_BINDING_MISSING"; readonly reason: string }
  /** An address of another kind than the two that a local supervisor has, or longer than the kernel takes. */
  | { readonly code: "SUPERVISOR_ADDRESS"; readonly address: string }
  /** The kernel refused: nobody listens there any more, its queue is full. */
  | { readonly code: "SUPERVISOR_UNREACHABLE"; readonly errno: number };
