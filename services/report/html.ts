/**
 * HTML by a tagged template that escapes: whatever is put into it is text, unless it is markup made
 * by the template itself or declared `trusted`. Names in a report come from scenario files, which
 * anyone may have written.
 */
export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** What may stand in a template; null and false leave nothing behind. */
export type Content = Markup | string | number | bigint | null | false | readonly Content[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] as string);
}

function written(part: Content): string {
  if (part === null || part === false) return '';
  if (part instanceof Markup) return part.text;
  if (typeof part === 'object') return part.map(written).join('');
  return escapeHtml(String(part));
}

/** Values stand in text or between the quotes of an attribute; elsewhere escaping is not enough. */
export function html(strings: TemplateStringsArray, ...parts: readonly Content[]): Markup {
  let text = strings[0] as string;
  for (const [index, part] of parts.entries())
    text += written(part) + (strings[index + 1] as string);
  return new Markup(text);
}

/** Markup from another maker that escapes: the chart renderer, the report's own style sheet. */
export function trusted(text: string): Markup {
  return new Markup(text);
}
