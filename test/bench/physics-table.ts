/** Prints wall-to-battery ratio by power over many seeds: `node test/bench/physics-table.ts [seeds]`. */
import { energyBetween } from "#hal/mock/physics/energy-account.ts";
import { POWER_LEVELS, pass, startCharge } from "#test/builders/charge-scene.ts";

const seeds = Number(process.argv[2] ?? 500);
console.log(`wall to battery terminals, half an hour of steady charge, ${seeds} seeds`);
console.log("level    wall kW  lowest  5 %     median  95 %    highest  band");
for (const level of POWER_LEVELS) {
  const ratios: number[] = [];
  let wallWh = 0;
  for (let seed = 0; seed < seeds; seed += 1) {
    const scene = startCharge(level, { seed, stepMs: 10_000 });
    const before = scene.vehicle.trueEnergy;
    pass(scene, 1800);
    const energy = energyBetween(before, scene.vehicle.trueEnergy);
    ratios.push(energy.terminalsWh / energy.meterWh);
    wallWh += energy.meterWh;
  }
  ratios.sort((left, right) => left - right);
  const at = (share: number): string => (ratios[Math.round(share * (seeds - 1))] ?? NaN).toFixed(3).padEnd(8);
  const wallKw = ((2 * wallWh) / seeds / 1000).toFixed(2).padEnd(9);
  const quantiles = [0, 0.05, 0.5, 0.95, 1].map(at).join("");
  console.log(`${level.name.padEnd(9)}${wallKw}${quantiles} ${level.ratioMin}-${level.ratioMax}`);
}
