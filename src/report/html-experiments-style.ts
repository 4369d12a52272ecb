/** Style of the experiments: a table where there is room, a card an experiment on a phone; charts whose text keeps its size at any width. */
export const experimentsStyle = `
:root{--band:rgba(179,22,29,.11);--spread:rgba(60,90,150,.24);--median:#2f568f}
@media(prefers-color-scheme:dark){:root{--band:rgba(255,123,123,.17);--spread:rgba(125,160,225,.3);--median:#9dbbef}}
table.stack th[scope=row]{color:var(--ink);font-weight:600;min-width:11rem}
.stack th .hint{font-weight:400}
.stack code{display:block;color:var(--soft);font-weight:400}
.stack .why{min-width:14rem}.stack td{min-width:6rem}.stack td.num{min-width:4rem}
.card.experiment{padding:.8rem}.card.pass{border-left-color:var(--pass)}.card.pass h3 .mark{color:var(--pass)}.card.pass .reason{font-weight:400}
.experiment .facts{display:block;font-size:.9rem}.experiment .facts div{grid-template-columns:6.2rem 1fr}
.missing{color:var(--soft);font-style:italic;margin:.2rem 0}
.chart{margin:.8rem 0;font-size:.8rem;line-height:1.3}
.lanes{position:relative;--right:2.9rem;--left:0rem}
.over{position:absolute;inset:0 var(--right) 0 var(--left);pointer-events:none}
.over i{position:absolute;top:0;bottom:0}
.grid{border-left:1px solid var(--line)}.grid.zero{border-left:1px solid var(--soft)}
.band{background:var(--band);min-width:2px;border:0 solid var(--fail);border-width:0 1px}
.lane{position:relative;margin-bottom:.35rem;padding-right:var(--right)}
.who{overflow-wrap:anywhere;background:var(--card);width:fit-content}
.who .hint{font-size:.75rem}
.standing{position:relative;color:var(--soft);font-weight:600;margin:.5rem 0 .1rem;border-top:1px solid var(--line)}
.standing span{background:var(--card)}
.plot{position:relative;min-height:.9rem}
.plot svg{display:block;width:100%;overflow:visible}
.phase{position:absolute;overflow:hidden;white-space:nowrap;border-left:1px solid var(--soft);padding-left:.2rem;color:var(--soft);font-size:.7rem}
.life{position:absolute;top:.15rem;height:.6rem;min-width:2px}
.life.held,.key.held{background:var(--fail)}
.life.announced,.key.announced{border:1px solid var(--fail)}
.life.healing,.key.healing{border-bottom:3px solid var(--fail)}
.strip{height:.7rem}
.strip .good,.key.good{fill:var(--pass);background:var(--pass)}
.strip .bad{fill:var(--fail);stroke:var(--fail);stroke-width:1;vector-effect:non-scaling-stroke}
.speeds{position:relative;border-bottom:1px solid var(--line);margin-top:.15rem}
.speed{height:4.2rem}
.speed path{vector-effect:non-scaling-stroke;fill:none}
.speed .spread{fill:var(--spread);stroke:var(--spread);stroke-width:1}
.speed .median{stroke:var(--median);stroke-width:1.5;stroke-linecap:round;stroke-linejoin:round}
.speed .badtook{stroke:var(--fail);stroke-width:3;stroke-linecap:round}
.speed .back{stroke:var(--ink);stroke-width:1.5;stroke-dasharray:2 2}
.speed .limit{stroke:var(--unknown);stroke-width:1;stroke-dasharray:6 3}
.ms{position:absolute;left:100%;transform:translateY(-50%);padding-left:.25rem;color:var(--soft);font-size:.68rem;white-space:nowrap}
.said{position:absolute;transform:translateX(-50%);line-height:1.1rem}
.said.ended{color:var(--fail)}
.tick{position:absolute;background:var(--card);padding:0 .15rem;transform:translateX(-50%);white-space:nowrap;color:var(--soft);font-size:.72rem}
.axis .plot{border-top:1px solid var(--soft)}
.legend .key{display:inline-block;width:1.1rem;height:.7rem;vertical-align:-.05rem;position:static}
.key.band{background:var(--band)}.key.good{height:.25rem;vertical-align:.05rem}.key.bad{background:var(--fail)}
.key.median{height:0;border-top:2px solid var(--median);vertical-align:.2rem}.key.spread{background:var(--spread)}
.legend .key.dot{width:.35rem;height:.35rem;border-radius:50%;background:var(--fail);vertical-align:.1rem}
.legend .key.back{width:0;border-left:2px dashed var(--ink)}.key.limit{height:0;border-top:1px dashed var(--unknown);vertical-align:.2rem}
@media(max-width:40rem){.tick.odd{display:none}}
@media(min-width:60rem){.lanes{--left:12rem}.lane{display:grid;grid-template-columns:11.5rem 1fr;column-gap:.5rem}#experiments>.scroll{margin:0 -2rem}}
@media(min-width:60rem) and (max-width:66rem){#experiments>.scroll{margin:0}}
@media screen and (max-width:60rem){.stack,.stack tbody{display:block}.stack thead{display:none}
.stack tr{display:grid;grid-template-columns:1fr 1fr 1fr;background:var(--card);border:1px solid var(--line);border-radius:.4rem;margin:.5rem 0;padding:.4rem .6rem}
.stack td,.stack th{border:0;min-width:0;text-align:left;white-space:normal;padding:.15rem .4rem .15rem 0;grid-column:1/-1}
.stack td.third{grid-column:auto}
.stack td::before{content:attr(data-name) " ";color:var(--soft)}
.stack td.third::before{display:block}}
@media print{:root{--pass:#136c35;--fail:#b3161d;--unknown:#8a5300;--band:rgba(179,22,29,.11);--spread:rgba(60,90,150,.24);--median:#2f568f}
.chart,.lane{break-inside:avoid}.experiment>h3,.experiment>.reason{break-after:avoid}
.stack{font-size:.72rem}.stack td,.stack th,.stack th[scope=row],.stack .why{min-width:0;padding-right:.4rem}.stack .why{width:30%}}
`;
