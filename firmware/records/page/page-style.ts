/** How the page of a receipt looks: on a phone from 320 pixels, on a screen, and on A4. */
export const PAGE_STYLE = `
:root{color-scheme:only light}
*{box-sizing:border-box}
body{margin:0;background:#eef1f4;color:#1a2027}
body{font:1rem/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",Arial,sans-serif}
main{max-width:46rem;margin:0 auto;padding:1.25rem;background:#fff}
h1{font-size:1rem;font-weight:600;margin:0;color:#4a5662}
h2{font-size:1.05em;margin:1.6em 0 .5em;padding-bottom:.2em;border-bottom:1px solid #c9d1d9}
p{margin:.5rem 0}
.headline{font-size:1.35rem;font-weight:700;line-height:1.25}
.headline{margin:.3rem 0 .8rem;padding-left:.7rem;border-left:.35rem solid}
.good{border-color:#1d7a3c}.unsure{border-color:#a96d00}.bad{border-color:#b3261e}
.pay{display:flex;flex-wrap:wrap;align-items:baseline;gap:.2rem .6rem;margin:.8rem 0}
.pay strong{font-size:2rem;line-height:1.1}
.sentence{font-size:1.05rem}
.advice{background:#f6f3ea;border-left:.35rem solid #a96d00;padding:.1rem .9rem .5rem;margin:1rem 0}
.advice h2{border:0;margin-top:.6rem}
dl{display:grid;grid-template-columns:minmax(9rem,14rem) 1fr;gap:.3rem 1rem;margin:0}
dt{color:#4a5662}
dd{margin:0;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.35rem .6rem .35rem 0}
thead th{font-weight:600;color:#4a5662;border-bottom:1px solid #c9d1d9}
tbody th{font-weight:400}
tbody tr+tr>*{border-top:1px solid #e6eaee}
small{display:block;color:#4a5662;font-size:.875em}
.number{text-align:right;white-space:nowrap;padding-right:0;font-variant-numeric:tabular-nums}
tfoot th{font-weight:400;text-align:right}
tfoot tr:first-child>*{border-top:1px solid #1a2027}
tfoot .total>*{font-weight:700}
figure{margin:0}
.curve svg{display:block;width:100%;max-width:36rem;height:auto}
.code{display:grid;grid-template-columns:minmax(0,17rem) 1fr;gap:1rem;align-items:start;margin-top:.5rem}
.code svg{display:block;width:100%;height:auto;background:#fff}
figcaption,.note{color:#4a5662;font-size:.9em}
details{margin-top:.6rem}
details code{display:block;white-space:break-spaces;overflow-wrap:anywhere;font-size:.75rem;margin-top:.4rem}
@media (max-width:34rem){
main{padding:1rem}
dl{grid-template-columns:1fr;gap:0}
dd{margin-bottom:.5rem}
.code{grid-template-columns:1fr}
.code svg{max-width:21rem;margin:0 auto}
}
@media print{
@page{size:A4;margin:11mm 14mm}
body{background:#fff;font-size:7.8pt;line-height:1.22}
main{max-width:none;padding:0}
h1,h2{font-size:1em;break-after:avoid}
h2{margin:.7em 0 .25em}
p{margin:.25em 0}
.headline{font-size:1.3em;margin:.2em 0 .3em}
.pay{margin:.3em 0}
.pay strong{font-size:1.6em}
.sentence{font-size:1em}
.advice{margin:.4em 0;padding:0 .7em .3em}
.advice h2{margin:.4em 0 .2em}
dl{gap:.1em 1em}
ol{margin:.2em 0;padding-left:1.5em}
th,td{padding-top:.1em;padding-bottom:.1em}
small{display:inline;margin-left:.8em;font-size:1em}
.curve svg{width:auto;height:30mm}
.proof{display:grid;grid-template-columns:1fr 52mm;column-gap:6mm;align-items:start}
.proof h2{grid-column:1/-1}
.proof dl{grid-template-columns:7em 1fr}
.code{display:block;margin:0}
section,figure,.code,tr{break-inside:avoid}
details{display:none}
}
`;
