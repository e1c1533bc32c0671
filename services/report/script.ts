/**
 * The report's one script: a button for each table copies it as CSV (RFC 4180). Without it the
 * buttons stay hidden. It runs from file:// and asks nobody anything; where the browser refuses the
 * clipboard, the text is shown and selected instead.
 */
export const SCRIPT = `'use strict';
(() => {
  const status = document.querySelector('.status');
  /* What is no figure and looks like a formula must not become one in a spreadsheet. */
  const value = (cell) =>
    cell.dataset.csv ?? cell.textContent.replace(/\\s+/g, ' ').trim().replace(/^\\u2013$/, '').replace(/^(?=[=+@-])/, "'");
  const quoted = (text) => (/[",\\r\\n]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text);
  const csv = (table) =>
    [...table.rows].map((row) => [...row.cells].map((cell) => quoted(value(cell))).join(',') + '\\r\\n').join('');
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
  for (const button of document.querySelectorAll('button.copy')) {
    button.hidden = false;
    button.addEventListener('click', () => copy(button));
  }
})();
`;
