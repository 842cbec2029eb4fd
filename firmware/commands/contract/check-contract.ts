/** `contract check`: what a contract is in bytes, what it can cost to run, and what terms call it. */
import { SCRIPT_BYTES_MAX, SCRIPT_NODES_MAX, SCRIPT_STEPS_MAX } from "#core/limits.ts";
import { programCosts, programNodes } from "#core/script/check-program.ts";
import type { LoadedContract } from "./load-contract.ts";

export function checkContract(contract: LoadedContract, asJson: boolean): readonly string[] {
  const { program, bytes, codeHash } = contract;
  const [nodes, costs] = [programNodes(program), programCosts(program)];
  if (asJson) {
    return [JSON.stringify({ contract: program.name, codeHash, bytes: bytes.length, nodes, worstCaseSteps: costs })];
  }
  const [name, size] = [program.name, bytes.length];
  return [
    `${name}: good. ${size} bytes of at most ${SCRIPT_BYTES_MAX}, ${nodes} nodes of ${SCRIPT_NODES_MAX}.`,
    `Steps in the worst case, of at most ${SCRIPT_STEPS_MAX}:`,
    ...costs.map(({ place, steps }) => `  ${String(steps).padStart(5)}  ${place}`),
    `Code hash, by which terms name it: ${codeHash}`,
  ];
}
