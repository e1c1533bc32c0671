/**
 * The report's style sheet. Series colours: blue, orange, green, purple, sky, olive, red, indigo,
 * after Okabe and Ito's palette for colour-blind readers (Color Universal Design, 2008), darkened
 * on white and lightened on black until each stands out from its ground by 3:1 or more.
 */
/** @param running stands at the foot of each printed page: no quotes, no backslash */
export const styleOf = (running: string): string => `${STYLE}@page{size:A4;margin:16mm 14mm 18mm;
@bottom-left{content:"Corridor report: ${running}";font:8pt sans-serif;color:#57606b}
@bottom-right{content:counter(page) " / " counter(pages);font:8pt sans-serif;color:#57606b}}
`;

const STYLE = `
:root{color-scheme:light dark;--bg:#fff;--ink:#1a1f26;--ink-2:#57606b;--rule:#dde1e6;--grid:#e6e9ed;--axis:#9aa3ad;
--soft:#f5f6f8;--shade:rgba(20,30,45,.22);--closed:#eceff2;--track:#dfe3e9;--mark:rgba(214,120,20,.18);--mark-line:#b0600a;--alarm:#c0303c;--good:#11724f;
--c0:#1266ad;--c1:#c9650b;--c2:#0d8663;--c3:#a8407f;--c4:#3f93c9;--c5:#857000;--c6:#c0303c;--c7:#5b57a8;
--m0:#35679c;--m1:#d17c14;--m2:#5c1a70;--m3:#2b8a78;--m4:#8a9626;--m5:#b0413e;--m6:#7a6a58;--m7:#1f4e5f;
--m8:#c25d9b;--m9:#3c7d3f;--m10:#4b5bd4;--m11:#2f7f9e;--m12:#a0722a}
@media screen and (prefers-color-scheme:dark){:root{--bg:#14171c;--ink:#e7eaee;--ink-2:#a3acb7;--rule:#313841;--grid:#272d35;--axis:#626c78;
--soft:#1b1f26;--shade:rgba(200,215,235,.22);--closed:#20252d;--track:#333b46;--mark:rgba(240,160,70,.2);--mark-line:#eba557;--alarm:#ff7f87;--good:#55c99b;
--c0:#5aa9ee;--c1:#f09b4a;--c2:#3fc09a;--c3:#e084bd;--c4:#9bd2f4;--c5:#d0b64a;--c6:#ff7f87;--c7:#a9a6f2;
--m0:#5480b3;--m1:#f0a03c;--m2:#ecc8fb;--m3:#55c2ae;--m4:#c3d35a;--m5:#e98078;--m6:#b7a58f;--m7:#7fb4c8;
--m8:#eda0cf;--m9:#7cc47f;--m10:#9aa6ff;--m11:#7cc4de;--m12:#d9b36c}}
@media print{:root{color-scheme:light}}
*{box-sizing:border-box}
html{background:var(--bg);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;
-webkit-text-size-adjust:100%}
body{margin:0 auto;max-width:1088px;padding:40px 24px 64px}
h1,h2,h3,p,ul,dl,dd,figure{margin:0}
h1{font-size:2.25rem;line-height:1.15;letter-spacing:-.02em;overflow-wrap:anywhere}
h2{font-size:1.375rem;letter-spacing:-.01em;line-height:1.3}
h3{font-size:1rem;line-height:1.4}
h3,p.def,.caption,.legend{overflow-wrap:anywhere}
.kicker{color:var(--ink-2);font-size:.8125rem;letter-spacing:.06em;text-transform:uppercase;margin-bottom:8px}
.lead{margin-top:12px;max-width:68ch;font-size:1.0625rem;overflow-wrap:anywhere}
.def{color:var(--ink-2);font-size:.8125rem;line-height:1.5;max-width:92ch}
.def b{color:var(--ink);font-weight:600}
header .def{margin-top:12px}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.8125rem}
code{overflow-wrap:anywhere}
.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(270px,1fr));gap:14px 28px;margin-top:28px;padding:20px 0;
border-block:1px solid var(--rule)}
.facts dt{color:var(--ink-2);font-size:.8125rem}
.facts dd{overflow-wrap:anywhere;line-height:1.4}
.facts .whole{grid-column:1/-1}
nav{margin-top:20px;font-size:.9375rem}
nav ul{display:flex;flex-wrap:wrap;gap:4px 20px;padding:0;list-style:none}
a{color:var(--c0);text-underline-offset:3px}
section{margin-top:56px}
section>*+*{margin-top:20px}
section.part{margin-top:36px}
section.part>h3{font-size:1.125rem;border-top:2px solid var(--rule);padding-top:10px}
section.part .facts{border:0;padding:0;margin-top:12px;gap:10px 28px}
section.part>*+*{margin-top:12px}
.beside{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:24px 48px;align-items:start}
.beside .facts{grid-template-columns:1fr}
.parts{row-gap:28px}
.parts>section.part{margin-top:0}
.parts>section.part .facts{grid-template-columns:1fr;gap:5px}
.parts>section.part .facts>div{display:grid;grid-template-columns:116px 1fr;gap:10px}
.parts>section.part .facts dt{line-height:1.55}
.parts>section.part .facts dd{font-size:.875rem}
h2+.def{margin-top:6px}
.tiles{display:grid;grid-template-columns:repeat(var(--tiles),minmax(0,1fr));gap:20px 24px}
.tiles>div{border-top:2px solid var(--rule);padding-top:10px}
.tiles dt{font-size:.875rem}
.tiles .value{font-size:1.5rem;font-weight:600;line-height:1.25;letter-spacing:-.01em;font-variant-numeric:tabular-nums}
.tiles small{display:block;font-size:.875rem;font-weight:400;color:var(--ink-2);letter-spacing:0;white-space:nowrap}
.tiles .def{margin-top:4px}
.checks{list-style:none;padding:14px 18px;background:var(--soft);border-radius:8px;font-size:.9375rem}
.checks li{display:flex;gap:10px}
.good b{color:var(--good)}
.bad,.bad b{color:var(--alarm)}
.pair{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:32px 48px;align-items:start}
.pair>figure{display:grid;grid-row:span 2;grid-template-rows:subgrid;row-gap:0}
figure .def{margin-top:2px}.number{font-weight:600;white-space:nowrap;color:var(--ink-2)}.captioned .number{font-size:.875rem}.source a{white-space:nowrap}
figure svg:not(.swatch){display:block;width:100%;height:auto;margin-top:10px}
figure text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums}
.narrow{display:none}
.legend{display:flex;flex-wrap:wrap;gap:2px 18px;padding:0;margin-top:10px;list-style:none;font-size:.8125rem}
.legend li{display:flex;align-items:center;gap:7px}
.swatch{flex:none}
.captioned{display:flex;align-items:flex-end;justify-content:space-between;gap:16px;padding-bottom:6px}
.cue{color:var(--ink-2);font-size:.75rem;padding-bottom:4px}.cue[hidden]{display:none}
.copy,.save{flex:none;font:inherit;font-size:.75rem;color:var(--ink-2);background:none;border:1px solid var(--rule);border-radius:6px;
padding:3px 9px;cursor:pointer}
.copy:hover,.save:hover{color:var(--ink);border-color:var(--axis)}
.copy:focus-visible,.save:focus-visible,summary:focus-visible,a:focus-visible{outline:2px solid var(--c0);outline-offset:2px}
.status{position:fixed;left:50%;bottom:20px;transform:translateX(-50%);background:var(--ink);color:var(--bg);padding:8px 16px;
border-radius:8px;font-size:.875rem;visibility:hidden}
.status.shown{visibility:visible}
textarea{width:100%;height:120px;font:.75rem ui-monospace,monospace;background:var(--soft);color:var(--ink);border:1px solid var(--rule)}
.scroll{overflow-x:auto;overscroll-behavior-x:contain;background:linear-gradient(to left,var(--bg) 60%,transparent) right/48px 100% no-repeat local,
linear-gradient(to left,var(--shade),transparent) right/20px 100% no-repeat scroll}
.scroll:focus-visible{outline:2px solid var(--c0);outline-offset:2px}
table{border-collapse:collapse;min-width:100%;font-size:.8125rem;font-variant-numeric:tabular-nums;line-height:1.4}
.caption{font-weight:600;font-size:.875rem;display:inline}
th,td{padding:5px 0 5px 20px;text-align:left;border-bottom:1px solid var(--rule);vertical-align:baseline}
th:first-child,td:first-child{padding-left:0}
thead th{font-weight:600;color:var(--ink-2);vertical-align:bottom;border-bottom-color:var(--axis)}
tbody th{font-weight:400}
tbody td,tbody th{white-space:nowrap}
tbody .name{display:inline-block;max-width:240px;white-space:normal}
tbody .estimate{white-space:normal}.estimate span{white-space:nowrap}
tbody .words{white-space:normal;min-width:150px;line-height:1.4}
th.words .def{display:block;font-size:.75rem;line-height:1.45;max-width:70ch}
tbody th.words{min-width:260px}
.num{text-align:right}
td .heat{display:block;padding:0 4px;border-radius:3px}
td small,th small{color:var(--ink-2);font-size:.75rem}
time{white-space:nowrap}
.dense tbody th small,.parts tbody th small{display:block}
.dense th,.dense td{padding-left:14px}.parts th,.parts td{padding-left:10px}
.dense th:first-child,.parts th:first-child{padding-left:0}
.nothing{color:var(--ink-2);padding:12px 0}
details{border-top:1px solid var(--rule);padding-top:10px}
summary{cursor:pointer;font-size:.875rem;color:var(--c0)}
details>*+*{margin-top:12px}
pre{overflow:auto;max-height:480px;background:var(--soft);border-radius:8px;padding:14px 16px;margin:0;line-height:1.45}
@media (max-width:900px){.tiles{grid-template-columns:repeat(3,minmax(0,1fr))}}
@media (max-width:720px){body{padding:24px 16px 48px}h1{font-size:1.75rem}section{margin-top:44px}
.pair,.beside{grid-template-columns:minmax(0,1fr)}.wide{display:none}.narrow{display:block}.pair svg:not(.swatch),.narrow svg{max-width:520px}
.tiles{grid-template-columns:repeat(2,minmax(0,1fr));gap:18px 20px}.tiles .value{font-size:1.25rem}
.facts{grid-template-columns:1fr;gap:8px}.facts>div{display:grid;grid-template-columns:118px 1fr;gap:8px}.facts dt{line-height:1.75}
thead th{white-space:nowrap}th,td,.dense th,.dense td{padding-left:12px}.parts th,.parts td{padding-left:8px}th:first-child,td:first-child{padding-left:0}tr>:first-child{position:sticky;left:0;background:var(--bg)}tbody th small,.name+small{display:block}
tbody th.words{min-width:180px;max-width:200px}.captioned{align-items:flex-start}}
@media print{html{font-size:12px}body{max-width:none;padding:0}section{margin-top:28px}h2,h3,figcaption,.captioned{break-after:avoid}
figure,.tiles>div,.facts>div,.checks,tr,.parts>section{break-inside:avoid}h2+.def,h3+.def{break-after:avoid}.copy,.save,.cue,.status{display:none}.tiles{grid-template-columns:repeat(var(--tiles),minmax(0,1fr));gap:12px 14px}tbody th small{display:inline}
.dense tbody th small,.parts tbody th small{display:block}nav{display:none}.scroll{overflow:visible;background:none}
.wide{display:block}.narrow{display:none}.pair,.beside{grid-template-columns:repeat(2,minmax(0,1fr))}
tbody .words,tbody th.words{min-width:70px}tbody th.words:has(.def){min-width:180px}
th.words .def{font-size:8px}thead th{white-space:normal}
table{font-size:8.5px}th,td{padding:3px 0 3px 7px}.parts table{font-size:8px}.parts th,.parts td{padding-left:5px}
.def,.legend,.facts dt,.facts dd{font-size:10px}.parts>section.part .facts dd{font-size:10px}.facts{gap:6px 20px;padding:10px 0;margin-top:12px}
.tiles .value{font-size:17px}.tiles .def{font-size:9px}.parts>section.part .facts>div{grid-template-columns:80px 1fr}
section.part{margin-top:20px}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
`;
