/** The report's one style sheet: system fonts, two colour schemes, a phone's width first, and paper. */
export const style = `
:root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--ink:#16181d;--soft:#5b6270;--line:#dfe3e9;
--pass:#136c35;--fail:#b3161d;--unknown:#8a5300;--not-applicable:#5b6270;--neutral:#6c7fa0;
--passbg:#136c35;--failbg:#a9131a;--unknownbg:#8a5300;--failtint:#fdf0f0;--unknowntint:#fdf6ea}
@media(prefers-color-scheme:dark){:root{--bg:#111318;--card:#1a1d24;--ink:#e8eaf0;--soft:#9aa3b2;--line:#2d323c;
--pass:#58c983;--fail:#ff7b7b;--unknown:#f0b04a;--not-applicable:#9aa3b2;--neutral:#7d90b5;
--passbg:#125c2f;--failbg:#8f1218;--unknownbg:#714500;--failtint:#2a1719;--unknowntint:#272015}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;-webkit-text-size-adjust:100%}
header,main{padding:1rem;max-width:62rem;margin:0 auto}
header{max-width:none;color:#fff}
header>*{max-width:60rem;margin-left:auto;margin-right:auto}
header.pass{background:var(--passbg)}header.fail{background:var(--failbg)}header.unknown{background:var(--unknownbg)}
h1{margin:.2rem auto;font-size:2.4rem;line-height:1.1;letter-spacing:.02em}
.cause b{display:block;font-size:1.5rem;line-height:1.25}
.cause{font-size:1.05rem;line-height:1.4;margin:.5rem auto .8rem;overflow-wrap:anywhere}
.ended,.run{margin:.4rem auto;overflow-wrap:anywhere}
.run{font-size:.875rem;opacity:.95}
.counts{list-style:none;display:flex;flex-wrap:wrap;gap:.4rem;padding:0;margin:.6rem auto}
.counts li{background:rgba(0,0,0,.25);border-radius:1rem;padding:.1rem .75rem}
section{margin:1.6rem 0}
h2{font-size:1.15rem;margin:0 0 .6rem}
h2 small{color:var(--soft);font-weight:400}
h3{font-size:1.05rem;margin:0;overflow-wrap:anywhere}
p{margin:.4rem 0}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.85em}
.card{background:var(--card);border:1px solid var(--line);border-left:.35rem solid var(--soft);border-radius:.4rem;padding:.8rem 1rem;margin:.6rem 0}
.card.fail{border-left-color:var(--fail)}.card.unknown{border-left-color:var(--unknown)}
.card.fail h3 .mark{color:var(--fail)}.card.unknown h3 .mark{color:var(--unknown)}
.title,.hint{color:var(--soft);font-size:.9rem}
.reason{overflow-wrap:anywhere}
.card .reason{font-weight:600}
.compared{display:grid;grid-template-columns:1fr;gap:.4rem;margin:.6rem 0}
.compared div{background:var(--bg);border-radius:.3rem;padding:.4rem .6rem;min-width:0}
.compared dt{color:var(--soft);font-size:.8rem}
.compared dd{margin:0;overflow-wrap:anywhere}
.log{background:var(--bg);padding:.6rem;border-radius:.3rem;overflow-x:auto;margin:.6rem 0;white-space:pre-wrap;overflow-wrap:anywhere}
.cure{overflow-wrap:anywhere}
.ids{margin:.3rem 0;padding-left:1.2rem}
a{color:inherit}
.mark{font-weight:700}
.mark.pass,.tally .pass{color:var(--pass)}.mark.fail,.tally .fail{color:var(--fail)}.mark.unknown,.tally .unknown{color:var(--unknown)}.mark.not-applicable,.tally .not-applicable{color:var(--not-applicable)}
summary{cursor:pointer;padding:.35rem 0}
details.tier{background:var(--card);border:1px solid var(--line);border-radius:.4rem;margin:.5rem 0;padding:.2rem .9rem}
.tally span{margin-left:.5rem;white-space:nowrap}
details.check{border-top:1px solid var(--line);padding:.1rem 0}
details.check>summary{display:flex;gap:.6rem;align-items:baseline;list-style:none}
details.check>summary::-webkit-details-marker{display:none}
details.check>summary .mark{flex:0 0 1.1rem;text-align:center}
details.check>summary .what{flex:1;min-width:0;overflow-wrap:anywhere}
details.check>summary code{color:var(--soft);display:block}
details.check[open]{padding-bottom:.6rem}
details.check>summary::after{content:"+";color:var(--soft);flex:0 0 auto}
details.check[open]>summary::after{content:"−"}
.time{color:var(--soft);font-size:.85rem;white-space:nowrap}
.timeline{background:var(--card);border:1px solid var(--line);border-radius:.4rem;padding:.6rem .9rem}
.row{display:grid;grid-template-columns:8.5rem 1fr 5.2rem;gap:.6rem;align-items:center;padding:.12rem 0}
.row .name{overflow:hidden;text-overflow:ellipsis;white-space:nowrap;font-weight:600}
.row.sub .name{font-weight:400;padding-left:.8rem;font-size:.875rem}
.row .time{text-align:right}
.track{position:relative;height:.8rem;background:var(--bg);border-radius:.2rem}
.row.sub .track{height:.45rem}
.bar{position:absolute;top:0;bottom:0;border-radius:.2rem;min-width:2px;background:var(--neutral)}
.bar.pass{background:var(--pass)}.bar.fail{background:repeating-linear-gradient(45deg,var(--fail) 0 6px,transparent 6px 9px)}.bar.unknown{background:var(--unknown)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.875rem}
th{text-align:left;color:var(--soft);font-weight:600}
td,th{padding:.3rem .6rem .3rem 0;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere;min-width:4.5rem}
.num{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
.more td{color:var(--soft);border-bottom-width:2px;font-family:ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.8rem}
.seen summary{color:var(--soft);font-size:.9rem}
.new{color:var(--fail)}
.findings{padding-left:1.2rem}.findings li{margin:.5rem 0;overflow-wrap:anywhere}
.facts{display:grid;gap:.2rem 1.5rem;margin:.4rem 0}
.facts div{display:grid;grid-template-columns:9.5rem 1fr;gap:.6rem;min-width:0}
.facts dt{color:var(--soft)}.facts dd{margin:0;overflow-wrap:anywhere}
@media(min-width:44rem){.compared{grid-template-columns:1fr 1fr}.row{grid-template-columns:12rem 1fr 6rem}details.check>summary code{display:inline;margin-left:.3rem}}
@media print{:root{--bg:#fff;--card:#fff;--ink:#000;--soft:#444;--line:#bbb}header{color:#000;background:none!important;border-bottom:3px solid}
.counts li{background:none;border:1px solid}.card,details.check,tr{break-inside:avoid}details::details-content{content-visibility:visible;height:auto}
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
`;
