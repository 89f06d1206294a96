/** The style of the reference page, light or dark as the reader's system is. */
export const referenceStyle = `
:root { color-scheme: light dark; --line: light-dark(#dcdfe4, #33383f); --quiet: light-dark(#59616b, #9aa4b0); --side: light-dark(#f6f7f9, #15181c);
  --page: light-dark(#fff, #1b1f24); --text: light-dark(#1c2127, #e3e7ec); --link: light-dark(#0b57d0, #8ab4f8); --code: light-dark(#f0f2f5, #262b32); }
* { box-sizing: border-box; }
html { scroll-behavior: smooth; scroll-padding-top: 1rem; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body { margin: 0; display: grid; grid-template-columns: 20rem minmax(0, 1fr); font: 16px/1.55 system-ui, sans-serif; color: var(--text); background: var(--page); }
nav { position: sticky; top: 0; height: 100vh; overflow-y: auto; padding: 1rem; background: var(--side); border-right: 1px solid var(--line); font-size: .875rem; }
nav .name { margin: 0 0 .75rem; font-size: 1.05rem; font-weight: 650; }
nav ul { list-style: none; margin: .25rem 0 .75rem; padding: 0; }
nav li a { display: block; padding: .2rem .25rem; border-radius: 4px; color: inherit; text-decoration: none; }
nav li a:hover { background: var(--code); }
summary { cursor: pointer; font-weight: 600; }
main { max-width: 62rem; padding: 2rem clamp(1rem, 4vw, 3rem) 6rem; }
h1 { margin-top: 0; } h2 { margin: 3.5rem 0 0; padding-bottom: .3rem; border-bottom: 2px solid var(--line); }
article { padding: 1.25rem 0; border-bottom: 1px solid var(--line); }
h3 { margin: 0; font-size: 1.05rem; overflow-wrap: anywhere; } h3 a { color: inherit; text-decoration: none; } h3 a:hover { text-decoration: underline; }
h4 { margin: 1rem 0 .25rem; font-size: .9rem; }
a { color: var(--link); } :focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
small, .fact, em { color: var(--quiet); font-size: .85rem; font-style: normal; font-weight: 400; } .fact { margin-right: .75rem; }
.summary { margin: .35rem 0; }
table { width: 100%; border-collapse: collapse; font-size: .9rem; } th, td { padding: .35rem .75rem .35rem 0; border-top: 1px solid var(--line); text-align: left; vertical-align: top; overflow-wrap: break-word; }
th { width: 32%; font-weight: 400; } td:nth-child(2) { width: 26%; }
.answers th { width: 6rem; } .answers td:nth-child(2) { width: 50%; }
code, pre { font: .875em/1.5 ui-monospace, monospace; } td code, p code, li code { background: var(--code); border-radius: 3px; padding: .05em .3em; }
pre { overflow-x: auto; padding: .75rem 1rem; border-radius: 6px; background: var(--code); }
.method { display: inline-block; min-width: 3.6em; font: 700 .72rem/1.6 ui-monospace, monospace; text-transform: uppercase; color: light-dark(#0a6847, #6fd3a8); }
.post { color: light-dark(#0b57d0, #8ab4f8); } .put, .patch { color: light-dark(#8a5300, #f0b866); } .delete { color: light-dark(#b3261e, #f2a29c); }
.badge { padding: .05rem .45rem; border: 1px solid var(--line); border-radius: 999px; font-size: .75rem; color: var(--quiet); }
.skip { position: absolute; left: -999px; } .skip:focus { left: 1rem; top: 1rem; z-index: 1; background: var(--page); padding: .5rem; }
@media (max-width: 55rem) { body { display: block; } nav { position: static; height: auto; max-height: 40vh; border: 0; border-bottom: 1px solid var(--line); } }
@media print { nav { display: none; } body { display: block; } }
`.trimStart();
