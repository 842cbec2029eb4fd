import { simulateCharge, drawFaults } from "./simulate-charge.ts";
const seed = Number(process.argv[2] ?? 1);
const f = process.argv[3] === "clean" ? { bus: {}, crash: undefined, stationLies: Number(process.argv[4] ?? 1), vehicleLies: Number(process.argv[5] ?? 1), chargeMs: 600000 } : drawFaults(seed);
const t = performance.now();
const o = await simulateCharge(seed, f);
console.log(o.story.join("\n")); console.log(f, o.violation, o.results.map(r=>({...r,address:undefined})), (performance.now()-t).toFixed(0)+"ms");
