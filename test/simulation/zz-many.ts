import { simulateCharge, drawFaults } from "./simulate-charge.ts";
const [a,b]=[Number(process.argv[2]),Number(process.argv[3])];
const t=performance.now(); const counts=new Map<string,number>();
for(let s=a;s<b;s++){ const f=drawFaults(s); let o; try{ o=await simulateCharge(s,f);}catch(e){console.log(s,"THROW",e); continue;}
 const key=(o.violation?`${o.violation.invariant}: ${o.violation.detail}`:"ok")+(o.crashed?" crash":"")+" "+o.results.map(r=>r.state+"/"+r.verdict).join(",");
 counts.set(key,(counts.get(key)??0)+1); if(o.violation) console.log(s,key,JSON.stringify(f.crash),JSON.stringify(f.bus)); }
console.log([...counts].sort((x,y)=>y[1]-x[1])); console.log((performance.now()-t)/(b-a),"ms each");
