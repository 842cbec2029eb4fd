/** The queries of a charge's contract (the paper, III.C): what anybody may ask, answered from the signed facts. */
import { ENERGY_V1_BYTES } from "#core/contract/energy-v1.ts";
import { knownProgram } from "#core/script/known-program.ts";
import { runQuery } from "#core/script/run-program.ts";
import type { Value } from "#core/script/value.ts";
import type { ChargeFacts } from "./charge-facts.ts";
import { chargeFigures, outcomeInputs } from "./charge-figures.ts";

export interface ContractAnswers {
  /** As its author calls it. */
  readonly contract: string;
  /** By the name of the query; undefined where it trapped. */
  readonly answers: ReadonlyMap<string, Value | undefined>;
}

export function askContract(charge: ChargeFacts, graceOver: boolean): ContractAnswers {
  const program = knownProgram(charge.code ?? ENERGY_V1_BYTES);
  const values = outcomeInputs(chargeFigures(charge, graceOver));
  const answers = program.queries.map(({ name }) => {
    const answer = runQuery(program, name, values);
    return [name, answer?.ok === true ? answer.value : undefined] as const;
  });
  return { contract: program.name, answers: new Map(answers) };
}
