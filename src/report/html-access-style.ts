/** Style of the route × mode matrix: a table where there is room, a card a route on a phone. Paper has the table. */
export const accessStyle = `
.ways-all{font-weight:600}
.ways,.legend{list-style:none;padding:0;margin:.5rem 0}
.ways li{margin:.15rem 0}
.legend{font-size:.875rem;color:var(--soft)}.legend li{margin:.2rem 0}
.legend b,.legend .sign{color:var(--ink)}
.sign{font-size:.9em}
table.matrix{background:var(--card);border:1px solid var(--line);border-radius:.4rem;border-collapse:separate;border-spacing:0;table-layout:fixed}
.matrix th,.matrix td{padding:.35rem .5rem}
.matrix tbody tr:last-child>*{border-bottom-width:2px}
.matrix th:first-child{width:18.5%}
.matrix th[scope=row]{color:var(--ink);font-weight:400}
.matrix .tier-row th{background:var(--bg);color:var(--ink)}
.matrix .route{display:block;font-weight:600}
.matrix code,.matrix th .hint{display:block;color:var(--soft);font-size:.8rem;overflow-wrap:anywhere}
.matrix .mode{display:none}
@media(min-width:76rem){#access .scroll{margin:0 -6rem}}
.way{border-left:.25rem solid var(--soft);padding-left:.4rem;margin:0 0 .25rem}
.way.pass{border-left-color:var(--pass)}.way.fail{border-left-color:var(--fail);background:var(--failtint)}.way.unknown{border-left:.25rem dashed var(--unknown);background:var(--unknowntint)}
.way>summary{padding:.05rem 0;list-style:none;line-height:1.35}
.way>summary::-webkit-details-marker{display:none}
.way>summary:focus-visible{outline:2px solid var(--neutral);outline-offset:2px}
.way .by{color:var(--soft);display:inline-block;min-width:3.4rem}
.way .met{font-weight:600;white-space:nowrap}
.way .met::after{content:"+";color:var(--soft);font-weight:400;padding-left:.4rem}
.way[open] .met::after{content:"−"}
.way .sets{display:block}
.way .set{display:inline-block;font-size:.775rem;margin-right:.25rem;white-space:nowrap}
.way .decides{font-weight:600}
.instead{color:var(--soft)}
.evidence{margin:.3rem 0;font-size:.8rem}
.evidence div{padding-left:.7rem;text-indent:-.7rem;overflow-wrap:anywhere}
.evidence dt,.evidence dd{display:inline;margin:0}.evidence dt{color:var(--soft);margin-right:.3rem}
@media screen and (max-width:60rem){.matrix,.matrix tbody{display:block}.matrix thead{display:none}
table.matrix{background:none;border:0}.matrix .tier-row,.matrix .tier-row th{display:block;border:0;background:none;padding-left:0}
.matrix tr:not(.tier-row){display:grid;grid-template-columns:repeat(auto-fill,minmax(9.5rem,1fr));background:var(--card);border:1px solid var(--line);border-radius:.4rem;margin:.5rem 0;padding:.3rem}
.matrix th[scope=row]{grid-column:1/-1;width:auto;border-bottom:1px solid var(--line)}
.matrix td,.matrix tbody tr:last-child td{border:0;min-width:0}.matrix td:has([open]){grid-column:1/-1}
.matrix .mode{display:block;font-weight:600;margin-bottom:.2rem}.way .by{min-width:0}.way .set{white-space:normal}}
@media print{table.matrix{font-size:.72rem}.matrix .tier-row{break-after:avoid}.matrix code,.matrix th .hint,.way .set,.evidence{font-size:.65rem}
.way .set{white-space:normal}.way .by{min-width:0}.way .met::after{content:none}.way:not(.fail)::details-content{content-visibility:hidden;height:0}}
`;
