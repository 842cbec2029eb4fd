/** What a running gateway answers to `membership` and `submit`. */
import { fromHex } from "#base/bytes.ts";
import { refusal, type ControlAnswer } from "#adapters/control/control-message.ts";
import { decodeFact } from "#core/ledger/fact.ts";
import type { Gateway } from "../../gateway.ts";

/** In hexadecimal digits it fits one request; the longest JOIN has 350, what governors sign for 31 voters 1,700. */
export const SUBMITTED_BYTES_MAX = 2000;
const KINDS = ["JOIN", "ROTATE", "REVOKE", "PARAMS", "RECONFIG"];

/** Looks at the files beside the key now, and says how the gateway stands. */
export async function answerMembership({ membership }: Pick<Gateway, "membership">): Promise<ControlAnswer> {
  await membership.look();
  return { ok: true, ...membership.state, notAfter: membership.state.notAfter ?? null };
}

/** Only what offices and governors sign: everything else a gateway says for itself. */
export async function answerSubmit(
  { ledger }: Pick<Gateway, "ledger">,
  request: Readonly<Record<string, unknown>>,
): Promise<ControlAnswer> {
  const { fact } = request;
  const bytes = typeof fact === "string" && fact.length <= 2 * SUBMITTED_BYTES_MAX ? fromHex(fact) : undefined;
  if (bytes === undefined) return refusal("CONTROL_BAD_FACT", "expected a fact in hexadecimal digits");
  const read = decodeFact(ledger.chain.context, bytes);
  if (!read.ok) return refusal("CONTROL_BAD_FACT", `not a fact: ${read.fault.code}`);
  const { kind } = read.value;
  if (!KINDS.includes(kind)) return refusal("CONTROL_BAD_FACT", `found ${kind}, expected one of ${KINDS.join(", ")}`);
  const taken = await ledger.submit(bytes);
  if (taken.ok) return { ok: true, kind, isNew: true };
  if (taken.fault.code === "FACT_KNOWN") return { ok: true, kind, isNew: false };
  const reason = "reason" in taken.fault ? `: ${taken.fault.reason}` : "";
  return refusal("CONTROL_FACT_REFUSED", `${taken.fault.code}${reason}`);
}
