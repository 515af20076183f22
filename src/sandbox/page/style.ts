/** The page's one style sheet; light or dark as the reader's system is. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1d2129; --soft: #66707f; --line: #e3e6eb; --card: #fff; --back: #f4f5f7;
  --accent: #c2410c; --tag: #eef0f4; }
@media (prefers-color-scheme: dark) { :root { --ink: #e7e9ee; --soft: #98a2b3; --line: #2c323c; --card: #1a1e25;
  --back: #12151a; --accent: #fb923c; --tag: #262c36; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1180px; margin: 0 auto; padding: 36px 24px 60px; }
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: 4px 16px; margin-bottom: 22px; }
h1 { font-size: 24px; margin: 0; letter-spacing: -.02em; }
h1::before { content: ""; display: inline-block; width: 11px; height: 11px; margin-right: 10px; border-radius: 50%;
  background: var(--accent); }
h2 { font-size: 15px; margin: 0; padding: 14px 18px; border-bottom: 1px solid var(--line); }
header p { margin: 0; color: var(--soft); }
code { font: 13px ui-monospace, monospace; }
.counts { display: grid; grid-template-columns: repeat(auto-fit, minmax(112px, 1fr)); gap: 12px; margin: 0 0 22px; }
.counts div, section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
.counts div { padding: 12px 16px; }
dd { margin: 0; font-size: 22px; font-weight: 600; font-variant-numeric: tabular-nums; letter-spacing: -.02em; }
dt { color: var(--soft); font-size: 13px; }
.two { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1.15fr); gap: 20px; align-items: start; }
@media (max-width: 900px) { .two { grid-template-columns: minmax(0, 1fr); } }
section { overflow: hidden; }
ul { list-style: none; margin: 0; padding: 0; }
li { display: flex; align-items: center; gap: 12px; padding: 10px 18px; border-top: 1px solid var(--line); }
li:first-child { border-top: 0; }
li > div { flex: 1; min-width: 0; }
.line { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.all { overflow-wrap: anywhere; white-space: normal; }
.soft { color: var(--soft); font-size: 13px; }
.id { color: var(--soft); font: 12px ui-monospace, monospace; min-width: 62px; font-variant-numeric: tabular-nums; }
.tag { min-width: 36px; text-align: center; background: var(--tag); border-radius: 5px; padding: 1px 7px; font: 12px/1.6 ui-monospace, monospace; }
form { display: flex; gap: 6px; margin: 0; }
button { font: inherit; font-size: 13px; padding: 4px 11px; border: 1px solid var(--line); border-radius: 7px;
  background: var(--card); color: var(--ink); cursor: pointer; white-space: nowrap; }
button:hover { border-color: var(--accent); color: var(--accent); }
.empty { padding: 18px; margin: 0; color: var(--soft); }`;
