/** How the page of the mails sent looks: by day and by night, on a telephone and on paper. Contrast of all text is at least 4.5 to 1. */
export const MAIL_STYLE = `
:root { color-scheme: light dark; --paper: #fff; --ground: #f4f6f8; --ink: #17324d; --soft: #475a6d; --line: #d5dde5; --link: #0055b8; --good: #00613a; --good-ground: #dff3e8; --bad: #a3192b; --bad-ground: #fbe6e8; --note: #0b4f8a; --note-ground: #e3eefa; }
@media (prefers-color-scheme: dark) { :root { --paper: #1b2530; --ground: #121920; --ink: #e8eef4; --soft: #b2c0cd; --line: #34424f; --link: #7fb8ff; --good: #84e0b3; --good-ground: #12392a; --bad: #ff9da8; --bad-ground: #43171d; --note: #9fcbff; --note-ground: #17324f; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 1rem/1.5 "Titillium Web", system-ui, sans-serif; }
header { background: #0055b8; color: #fff; padding: .75rem max(1rem, calc((100% - 64rem) / 2)); display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; align-items: baseline; }
header a { color: #fff; font-weight: 600; text-decoration: none; } header p { margin: 0; font-size: .9rem; }
main { max-width: 64rem; margin: 1.5rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 1rem; overflow-wrap: anywhere; } h2 { font-size: 1.1rem; margin: 1.5rem 0 .5rem; }
a { color: var(--link); } a:focus-visible { outline: 3px solid #ff9900; outline-offset: 2px; }
.scroll { overflow-x: auto; background: var(--paper); border: 1px solid var(--line); border-radius: .5rem; }
table { width: 100%; border-collapse: collapse; } caption { text-align: left; padding: .75rem 1rem; color: var(--soft); }
th, td { text-align: left; vertical-align: top; padding: .6rem 1rem; border-top: 1px solid var(--line); overflow-wrap: break-word; } th { font-size: .85rem; color: var(--soft); }
td:nth-child(3), td:nth-child(4) { overflow-wrap: normal; } td:first-child { min-width: 14rem; } time { white-space: nowrap; }
.states { list-style: none; display: flex; flex-wrap: wrap; gap: .35rem; margin: 0; padding: 0; }
.state { display: inline-block; padding: .05rem .6rem; border-radius: 1rem; font-size: .85rem; text-decoration: none; white-space: nowrap; }
.good { background: var(--good-ground); color: var(--good); } .bad { background: var(--bad-ground); color: var(--bad); } .note { background: var(--note-ground); color: var(--note); } .none { color: var(--soft); padding-left: 0; }
.state:hover { text-decoration: underline; }
article { background: var(--paper); border: 1px solid var(--line); border-radius: .5rem; padding: 1.25rem; }
dl { margin: 0 0 1rem; padding-bottom: 1rem; border-bottom: 1px solid var(--line); } dl div { display: flex; gap: .75rem; } dt { flex: 0 0 6rem; color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
.text { white-space: pre-wrap; overflow-wrap: anywhere; font: inherit; margin: 0; }
.files { margin: 0; padding-left: 1.25rem; overflow-wrap: anywhere; } .files span, .empty { color: var(--soft); }
.back { margin: 0 0 1rem; } article .back { margin: 1.5rem 0 0; } nav { display: flex; gap: 1rem; margin: 1rem 0; }
@media (max-width: 40rem) { dl div { display: block; } }
@media print { header { background: none; color: #000; } header a { color: #000; } }
`;
