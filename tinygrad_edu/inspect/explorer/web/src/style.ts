/** The look of everything but the canvas. */

import { PALETTES, type Palette, type Theme } from "./colors.js";
import { MONO } from "./painters.js";

const variables = (p: Palette): string =>
  `--page:${p.page};--panel:${p.panel};--text:${p.text};--faint:${p.faint};--line:${p.line};--lit:${p.lit};--focus:${p.focus};--alarm:${p.alarm};`;

const theme = (name: Theme): string => `.tge[data-theme=${name}]{${variables(PALETTES[name])}color-scheme:${name}}`;

export const STYLE = `
:host{display:block}
${theme("light")}
${theme("dark")}
.tge{display:grid;grid-template:auto minmax(0,1fr) auto/minmax(0,1fr) 340px;grid-template-areas:"bar bar" "view card" "steps steps";height:var(--height,560px);
  font:13px/1.45 system-ui,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;color:var(--text);background:var(--page);box-sizing:border-box;overflow:hidden;text-align:left}
.tge *{box-sizing:border-box}
.tge[hidden],.tge [hidden]{display:none!important}
header{grid-area:bar;display:flex;flex-wrap:wrap;gap:6px;align-items:center;padding:6px 10px;background:var(--panel);border-bottom:1px solid var(--line)}
header .title{font-weight:600;margin-right:4px}
header .grow{flex:1}
button,select,input[type=search],summary{font:inherit;color:var(--text);background:var(--page);border:1px solid var(--line);border-radius:6px;padding:3px 9px;min-height:28px}
button,summary{cursor:pointer}
button:hover,summary:hover{border-color:var(--focus)}
button[aria-pressed=true]{background:var(--focus);color:var(--page);border-color:var(--focus)}
:focus-visible{outline:2px solid var(--focus);outline-offset:1px}
.alarm,button.alarm{color:var(--alarm);font-weight:600}
.find{position:relative}
.find input{width:190px}
.found{position:absolute;z-index:5;top:100%;left:0;min-width:320px;max-height:320px;overflow:auto;background:var(--page);border:1px solid var(--line);border-radius:6px;
  box-shadow:0 6px 24px rgba(0,0,0,.25);margin:3px 0 0;padding:4px;list-style:none}
.found li{padding:3px 8px;border-radius:4px;cursor:pointer;white-space:nowrap;overflow:hidden;text-overflow:ellipsis;max-width:460px}
.found li[aria-selected=true]{background:var(--focus);color:var(--page)}
.menu{position:relative}
summary{list-style:none}
summary::-webkit-details-marker{display:none}
.menu>div{position:absolute;z-index:5;right:0;top:100%;margin-top:3px;padding:4px;display:grid;gap:4px;background:var(--page);border:1px solid var(--line);border-radius:6px;box-shadow:0 6px 24px rgba(0,0,0,.25)}
.view{grid-area:view;position:relative;overflow:hidden;touch-action:none;cursor:grab;background:var(--page)}
.view:active{cursor:grabbing}
.view>canvas:first-child{position:absolute;inset:0;width:100%;height:100%}
.layer{position:absolute;left:0;top:0;width:0;height:0;transform-origin:0 0}
.layer button{position:absolute;background:none;border:0;padding:0;min-height:0;border-radius:4px;outline:none;cursor:pointer;touch-action:none}
.legend{position:absolute;left:10px;bottom:8px;display:flex;gap:6px;align-items:center;padding:1px 7px;font-size:11px;color:var(--faint);background:var(--page);border-radius:6px;opacity:.92;cursor:help}
.legend .bar{width:90px;height:9px;border:1px solid var(--line);border-radius:3px}
.map{position:absolute;right:10px;bottom:10px;width:180px;height:120px;border:1px solid var(--line);border-radius:6px;opacity:.92;cursor:crosshair;touch-action:none}
aside{grid-area:card;border-left:1px solid var(--line);background:var(--panel);padding:8px 14px 20px;overflow:auto;overflow-wrap:anywhere}
aside h2{font-size:16px;margin:4px 0 8px;font-weight:500}
aside h3{font-size:12px;margin:14px 0 4px;color:var(--faint);font-weight:600}
aside p{margin:4px 0}
dl{display:grid;grid-template-columns:72px 1fr;gap:2px 8px;margin:0}
dt{color:var(--faint)}
dd{margin:0;font-variant-numeric:tabular-nums}
code,.product,.put-in,.story{font-family:${MONO.replaceAll('"', "'")};font-size:12px}
.formula{overflow-x:auto;overflow-y:hidden;overflow-wrap:normal;padding:2px 0}
.formula math{font-size:16px}
mtd{text-align:left;padding-right:8px}
.faint{color:var(--faint)}
.sum{font-weight:600}
.sum.right{color:light-dark(#1a7f37,#4ac26b)}
.sum.wrong{color:var(--alarm)}
table{border-collapse:collapse;font-size:12px;margin-top:8px;width:100%}
caption{caption-side:bottom;color:var(--faint);text-align:left}
th{color:var(--faint);font-weight:500;text-align:left}
td,th{padding:1px 6px 1px 0;vertical-align:top;font-variant-numeric:tabular-nums;overflow-wrap:normal}
td:nth-child(2){overflow-wrap:anywhere;min-width:60px}
button.link{border:0;background:none;padding:0;min-height:0;color:var(--focus);text-decoration:underline;text-align:left}
.uses button{margin-right:8px}
figure{margin:8px 0;display:flex;gap:8px;align-items:center}
figcaption{font-size:12px}
.thumb{image-rendering:pixelated;border:1px solid var(--line);flex:none}
footer{grid-area:steps;border-top:1px solid var(--line);background:var(--panel);padding:5px 10px}
.story{display:block;min-height:20px;white-space:nowrap;overflow-x:auto}
.ranges{display:flex;gap:18px;flex-wrap:wrap}
.row{display:flex;gap:5px;align-items:center;flex:1 1 280px}
.row label{display:flex;gap:8px;align-items:center;flex:1;color:var(--faint)}
.row input{flex:1;min-width:60px;accent-color:var(--lit)}
dialog{background:var(--page);color:var(--text);border:1px solid var(--line);border-radius:8px;max-width:460px}
kbd{border:1px solid var(--line);border-radius:4px;padding:0 5px;font-size:12px;font-family:inherit}
.keys{grid-template-columns:110px 1fr}
@media (max-width:760px){
  .tge{grid-template:auto minmax(0,1fr) minmax(0,34%) auto/minmax(0,1fr);grid-template-areas:"bar" "view" "card" "steps"}
  aside{border-left:0;border-top:1px solid var(--line)}
  header{gap:4px;padding:4px 6px}
  header .title,header .grow{display:none}
  header button,header select,header summary{padding:3px 6px}
  header select{max-width:136px}
  .map{width:108px;height:72px}
  .find{flex:1 1 130px}
  .find input{width:100%}
  .found{min-width:min(320px,94vw)}
  .story{white-space:normal;max-height:3.2em;overflow:auto}
}
@media print{
  .tge{display:block;height:auto;overflow:visible;print-color-adjust:exact;-webkit-print-color-adjust:exact}
  header,footer,.map,.layer{display:none}
  .view{height:62vh;overflow:visible}
  .view>canvas:first-child{object-fit:contain}
  aside{border:0;overflow:visible;break-before:avoid}
}
`;
