/** A page in the house's style: one file that needs no font or host, and no script to be read. */
import { createHash } from 'node:crypto';
import { numbered } from './figure-numbering.ts';
import { html, type Markup, trusted } from './html.ts';
import { SCRIPT } from './page-script.ts';
import { styleOf } from './page-style.ts';

/** The policy lets this script run and no other. */
const SCRIPT_HASH = `sha256-${createHash('sha256').update(SCRIPT).digest('base64')}`;

interface PageParts {
  /** Of the program that wrote it. */
  readonly version: string;
  readonly title: string;
  /** At the foot of each printed page: no quotes, no backslash. */
  readonly running: string;
  /** Files of figures that are saved begin with it. */
  readonly fileName: string;
  readonly content: readonly Markup[];
}

export function page({ version, title, running, fileName, content }: PageParts): Markup {
  return numbered(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src '${SCRIPT_HASH}'; img-src data:">
<meta name="generator" content="Corridor ${version}">
<link rel="icon" href="data:,">
<title>${title}</title>
<style>${trusted(styleOf(running))}</style>
</head>
<body data-name="${fileName}">
<main>
${content}</main>
<p class="status" role="status"></p>
<script>${trusted(SCRIPT)}</script>
</body>
</html>
`);
}

/** Links to a page's sections, by their ids. */
export function contentsNav(items: readonly (readonly [id: string, title: string])[]): Markup {
  return html`<nav aria-label="Sections"><ul>${items.map(
    ([id, title]) => html`<li><a href="#${id}">${title}</a></li>`,
  )}</ul></nav>
`;
}
