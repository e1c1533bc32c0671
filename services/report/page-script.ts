/**
 * The report's one script. Without it the page is read all the same, and what it makes work stays hidden.
 * It runs from file:// and asks nobody anything.
 *
 * - A button for each table copies it as CSV (RFC 4180); tabs divide the fields of one cell. Where the browser refuses the clipboard, the
 *   text is shown and selected instead.
 * - A button for each figure saves it as SVG with title, text and legend: the wide drawing, in the light
 *   colours, which are written in.
 * - A table that is wider than its place says so. No other can have the focus.
 * - What is folded is printed, because figures refer to it, and folded again afterwards.
 */
export const SCRIPT = `'use strict';
(() => {
  const status = document.querySelector('.status');
  /* What is no figure and looks like a formula must not become one in a spreadsheet; -994.87 is a figure. */
  const tame = (text) => text.replace(/^(?=[=+@-])(?!-[0-9]+(\\.[0-9]+)?(e[+-]?[0-9]+)?$)/, "'");
  const fields = (cell) =>
    (cell.dataset.csv ?? cell.textContent.replace(/\\s+/g, ' ').trim().replace(/^\\u2013$/, '')).split('\\t').map(tame);
  const quoted = (text) => (/[",\\r\\n]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text);
  const csv = (table) =>
    [...table.rows].map((row) => [...row.cells].flatMap(fields).map(quoted).join(',') + '\\r\\n').join('');
  const say = (text) => {
    status.textContent = text;
    status.classList.add('shown');
    setTimeout(() => status.classList.remove('shown'), 4000);
  };
  const show = (button, text) => {
    const area = document.createElement('textarea');
    area.value = text;
    area.readOnly = true;
    area.setAttribute('aria-label', 'CSV, selected: copy it from here');
    area.addEventListener('blur', () => area.remove());
    button.parentElement.after(area);
    area.select();
    return area;
  };
  const copy = async (button) => {
    const table = button.closest('.table').querySelector('table');
    const text = csv(table);
    const said = 'Copied ' + (table.rows.length - 1) + ' rows as CSV.';
    try {
      await navigator.clipboard.writeText(text);
      say(said);
    } catch {
      const area = show(button, text);
      if (!document.execCommand('copy')) return say('The browser refused: copy the selected text.');
      area.blur();
      button.focus();
      say(said);
    }
  };
  /* The style sheet's first rule has the light colours, whatever is shown. */
  const light = document.styleSheets[0].cssRules[0].style;
  const coloured = (text) => text.replace(/var\\((--[\\w-]+)\\)/g, (_, name) => light.getPropertyValue(name).trim());
  const FONT = 'system-ui,-apple-system,Segoe UI,Roboto,Helvetica Neue,Arial,sans-serif';
  const ruler = document.createElement('canvas').getContext('2d');
  const widthOf = (text, style) => {
    ruler.font = style + ' 12px ' + FONT;
    return Math.ceil(ruler.measureText(text).width);
  };
  /* Words in lines of at most so many px. */
  const lines = (text, style, width) =>
    text.split(/\\s+/).reduce((all, word) => {
      const longer = (all.at(-1) + ' ' + word).trim();
      return widthOf(longer, style) <= width ? [...all.slice(0, -1), longer] : [...all, word];
    }, ['']).filter((line) => line !== '');
  const spoken = (element) => (element ? element.textContent.replace(/\\s+/g, ' ').trim() : '');
  const svgOf = (figure) => {
    const chart = figure.querySelector('.wide svg') ?? figure.querySelector('svg[role=img]');
    const make = (name, attributes, text = '') => {
      const element = document.createElementNS(chart.namespaceURI, name);
      for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
      element.textContent = text;
      return element;
    };
    const [, , width, height] = chart.getAttribute('viewBox').split(' ').map(Number);
    const MARGIN = 16, LINE = 17, all = width + 2 * MARGIN;
    const parts = [];
    let y = MARGIN;
    const write = (text, style, colour) => {
      for (const line of lines(text, style, width)) {
        y += LINE;
        parts.push(make('text', { x: MARGIN, y: y - 4, fill: colour, 'font-size': 12, 'font-weight': style }, line));
      }
    };
    write(spoken(figure.querySelector('h3')), 'bold', 'var(--ink)');
    write(spoken(figure.querySelector('.said')), 'normal', 'var(--ink-2)');
    write(spoken(figure.querySelector('.source')).replace(/ In figures:.*/, ''), 'normal', 'var(--ink-2)');
    let x = MARGIN;
    for (const item of figure.querySelectorAll('.legend li')) {
      const swatch = item.querySelector('svg');
      const mark = Number(swatch.getAttribute('width'));
      const text = spoken(item);
      const wide = mark + 7 + widthOf(text, 'normal');
      if (x === MARGIN || x + wide > width + MARGIN) (x = MARGIN), (y += LINE + 2);
      const key = make('g', { transform: 'translate(' + x + ' ' + (y - 15) + ')' });
      key.append(...[...swatch.children].map((one) => one.cloneNode(true)));
      parts.push(key, make('text', { x: x + mark + 7, y: y - 4, fill: 'var(--ink)', 'font-size': 12 }, text));
      x += wide + 18;
    }
    const total = y + 8 + height + MARGIN / 2;
    const drawing = make('svg', { x: MARGIN, y: y + 8, width, height, viewBox: chart.getAttribute('viewBox') });
    drawing.append(...[...chart.children].map((one) => one.cloneNode(true)));
    const whole = make('svg', { width: all, height: total, viewBox: '0 0 ' + all + ' ' + total, role: 'img', 'font-family': FONT });
    whole.append(make('title', {}, spoken(figure.querySelector('h3'))), make('desc', {}, chart.getAttribute('aria-label')));
    whole.append(make('rect', { width: all, height: total, fill: 'var(--bg)' }), ...parts, drawing);
    return coloured(new XMLSerializer().serializeToString(whole));
  };
  const save = (button) => {
    const figure = button.closest('figure');
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([svgOf(figure)], { type: 'image/svg+xml' }));
    link.download = document.body.dataset.name + '-' + figure.id + '.svg';
    link.click();
    say('Saved as ' + link.download + '.');
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  };
  for (const button of document.querySelectorAll('button.save')) {
    button.hidden = false;
    button.addEventListener('click', () => save(button));
  }
  const cue = (place) => {
    const overflows = place.scrollWidth > place.clientWidth;
    const words = place.previousElementSibling;
    words.hidden = !overflows;
    if (!overflows) return place.removeAttribute('tabindex'), place.removeAttribute('aria-describedby');
    place.tabIndex = 0;
    place.setAttribute('aria-describedby', words.id);
  };
  const observer = new ResizeObserver((seen) => seen.forEach(({ target }) => cue(target)));
  for (const place of document.querySelectorAll('.scroll')) observer.observe(place);
  let folded = [];
  addEventListener('beforeprint', () => {
    folded = [...document.querySelectorAll('details:not([open])')];
    for (const one of folded) one.open = true;
  });
  addEventListener('afterprint', () => {
    for (const one of folded) one.open = false;
  });
  for (const button of document.querySelectorAll('button.copy')) {
    button.hidden = false;
    button.addEventListener('click', () => copy(button));
  }
})();
`;
