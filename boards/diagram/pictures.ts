/** Every wiring picture there is: a charger's for each board with a header, a vehicle's for each that serves a car. */
import { BOARDS } from "../index.ts";
import { drawVehicleWiring } from "./draw-vehicle-wiring.ts";
import { drawWiring } from "./draw-wiring.ts";

export interface Picture {
  /** In the folder `boards/wiring`. */
  readonly file: string;
  readonly svg: string;
}

export function drawPictures(): readonly Picture[] {
  const boards = BOARDS.filter(({ header }) => header === "raspberry-pi-40");
  const vehicles = boards.filter(({ serialPorts }) => serialPorts.some(({ carries }) => carries === "obd"));
  return [
    ...boards.map((board) => ({ file: `${board.name}.svg`, svg: drawWiring(board) })),
    ...vehicles.map((board) => ({ file: `${board.name}-vehicle.svg`, svg: drawVehicleWiring(board) })),
  ];
}
