/** Style of the route × mode matrix: a table where there is room, a card a route on a phone; open cells take the room that they need. */
export const accessStyle = `
.ways-all{font-weight:600}
.ways,.legend{list-style:none;padding:0;margin:.5rem 0}
.ways li{margin:.15rem 0}
.legend{display:flex;flex-wrap:wrap;gap:.1rem 1.2rem;font-size:.875rem;color:var(--soft)}
.legend b,.legend .sign{color:var(--ink)}
.sign{font-size:.9em}
table.matrix{background:var(--card);border:1px solid var(--line);border-radius:.4rem;border-collapse:separate;border-spacing:0}
.matrix th,.matrix td{padding:.45rem .6rem}
.matrix tbody tr:last-child>*{border-bottom-width:2px}
.matrix th[scope=row]{color:var(--ink);font-weight:400;min-width:9rem}
.matrix .tier-row th{background:var(--bg);color:var(--ink)}
.matrix .route{display:block;font-weight:600}
.matrix code,.matrix th .hint{display:block;color:var(--soft);font-size:.8rem;overflow-wrap:anywhere}
.matrix td{min-width:11rem}
.matrix td:has([open]){min-width:19rem}
.matrix .mode{display:none}
.way{border-left:.25rem solid var(--soft);padding-left:.5rem;margin:0 0 .35rem}
.way.pass{border-left-color:var(--pass)}.way.fail{border-left-color:var(--fail);background:var(--failtint)}.way.unknown{border-left:.25rem dashed var(--unknown);background:var(--unknowntint)}
.way>summary{padding:.05rem 0;list-style:none;line-height:1.35}
.way>summary::-webkit-details-marker{display:none}
.way>summary:focus-visible{outline:2px solid var(--neutral);outline-offset:2px}
.way .by{color:var(--soft);display:inline-block;min-width:3.4rem}
.way .met{font-weight:600;white-space:nowrap}
.way .set{display:block;font-size:.8rem}
.way>summary::after{content:"+ evidence";color:var(--soft);font-size:.75rem}
.way[open]>summary::after{content:"− evidence"}
.instead{color:var(--soft)}
.evidence{margin:.3rem 0;font-size:.8rem}
.evidence div{display:grid;grid-template-columns:6.6rem 1fr;gap:.5rem;min-width:0}
.evidence dt{color:var(--soft)}.evidence dd{margin:0;overflow-wrap:anywhere}
@media(max-width:48rem){.matrix,.matrix tbody{display:block}.matrix thead{display:none}
table.matrix{background:none;border:0}.matrix .tier-row,.matrix .tier-row th{display:block;border:0;background:none;padding-left:0}
.matrix tr:not(.tier-row){display:grid;grid-template-columns:1fr 1fr;background:var(--card);border:1px solid var(--line);border-radius:.4rem;margin:.5rem 0;padding:.3rem}
.matrix th[scope=row]{grid-column:1/-1;border-bottom:1px solid var(--line)}
.matrix td,.matrix tbody tr:last-child td{border:0;min-width:0}.matrix td:has([open]){grid-column:1/-1}
.matrix .mode{display:block;font-weight:600;margin-bottom:.2rem}.way .by{display:block}}
@media print{.matrix td,.matrix td:has([open]){min-width:0}.way>summary::after{content:none}
.way:not(.fail,.unknown)::details-content{content-visibility:hidden;height:0}}
`;
