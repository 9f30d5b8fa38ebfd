/** How a report looks, on screens of both themes and on paper. */
export const reportStyle = `
:root { color-scheme: light dark; --text: #191c20; --muted: #59616a; --line: #d5dae0; --ground: #fff; --error: #b3201f; --warning: #a84a00; }
@media (prefers-color-scheme: dark) { :root { --text: #e4e7ea; --muted: #98a1ab; --line: #30363c; --ground: #15181b; --error: #ff8078; --warning: #f0a04b; } }
body { margin: 0; background: var(--ground); color: var(--text); font: 14px/20px system-ui, sans-serif; }
main { max-width: 880px; margin: 0 auto; padding: 24px 16px 48px; overflow-wrap: anywhere; }
h1 { font-size: 20px; line-height: 28px; }
h2 { margin: 0 0 4px; font-size: 14px; }
p { margin: 0 0 4px; }
section { padding: 16px 0; border-top: 1px solid var(--line); }
section:first-of-type { margin-top: 16px; }
ul { margin: 8px 0 0; padding: 0; list-style: none; }
li { padding: 8px 0; break-inside: avoid; }
.muted, figcaption, dt { color: var(--muted); font-size: 12px; line-height: 16px; }
.headline { font-weight: 600; }
.error { color: var(--error); }
.warning { color: var(--warning); }
.items { display: flex; flex-wrap: wrap; gap: 8px 16px; }
figure { max-width: 100%; margin: 0; padding: 4px 8px; border-left: 2px solid var(--line); }
img { display: block; width: 64px; image-rendering: pixelated; }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 0 8px; margin: 0; }
dt { max-width: 24ch; }
dd { margin: 0; font: 12px/16px ui-monospace, monospace; }
`
