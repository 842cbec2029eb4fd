/** The simulated charge controllers by the name of the model that they stand in for. */
import { SimulatedEvse } from "../simulated-evse.ts";
import type { ControllerParts, SimulatedController } from "./controller-parts.ts";
import { CHARX, EM_CP_PP_ETH, EV_CC_BASIC, EV_CC_ETH, SimulatedPhoenix } from "./simulated-phoenix.ts";
import {
  SimulatedAlfen,
  SimulatedBender,
  SimulatedHeidelberg,
  SimulatedKeba,
  SimulatedTerra,
} from "./simulated-wallboxes.ts";

type Make = (parts: ControllerParts) => SimulatedController;

const CONTROLLERS: Readonly<Record<string, Make>> = {
  "simple-evse-wb": ({ target }) => new SimulatedEvse(target),
  "phoenix-em-cp-pp-eth": (parts) => new SimulatedPhoenix(parts, EM_CP_PP_ETH),
  "phoenix-ev-cc-eth": (parts) => new SimulatedPhoenix(parts, EV_CC_ETH),
  "phoenix-ev-cc-basic": (parts) => new SimulatedPhoenix(parts, EV_CC_BASIC),
  "phoenix-charx": (parts) => new SimulatedPhoenix(parts, CHARX),
  "heidelberg-energy-control": (parts) => new SimulatedHeidelberg(parts),
  "abb-terra-ac": (parts) => new SimulatedTerra(parts),
  "bender-cc612": (parts) => new SimulatedBender(parts),
  "alfen-ng9xx": (parts) => new SimulatedAlfen(parts),
  "keba-p30": (parts) => new SimulatedKeba(parts),
};

export function simulatedControllerNames(): readonly string[] {
  return Object.keys(CONTROLLERS);
}

export function simulatedController(model: string, parts: ControllerParts): SimulatedController | undefined {
  return Object.hasOwn(CONTROLLERS, model) ? CONTROLLERS[model]?.(parts) : undefined;
}
