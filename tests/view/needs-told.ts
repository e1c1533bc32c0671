/** What a page of the live view hears of accounts' needs, event by event. */
import assert from 'node:assert/strict';
import { readEvents } from '../../services/core/settlement/event-reader.ts';
import type { Bic } from '../../services/protocol/names/bic-and-uetr.ts';
import { Directory, type DirectoryNames } from '../../services/protocol/names/handles-to-names.ts';
import { Series } from '../../services/view/per-second-series.ts';
import { PoolView } from '../../services/view/pool-view.ts';
import { SenderBook } from '../../services/view/silent-banks.ts';
import type { AccountNeed, AccountState } from '../../services/view/told-to-page.ts';

const NO_NOTES = { reorderings: new Map(), rules: new Map() };
const nameOf = ({ bic, currency }: AccountState) => `${bic} ${currency}`;

/**
 * @param events of all dates of a pool
 * @returns forecasts by account and hour, lower, middle and upper; accounts that lacked dates for one; and what stands at the end
 */
export function needsTold(
  { participants, currencies }: DirectoryNames,
  events: readonly Uint8Array[],
) {
  const names = participants.map((one) => ({ ...one, bic: one.bic as Bic }));
  const directory = Directory.from({ participants: names, currencies });
  const view = new PoolView('main', directory, { series: new Series(), senders: new SenderBook() });
  const forecasts = new Map<string, readonly string[]>();
  const short = new Set<string>();
  /** By account: of a page that hears of changes alone. */
  const page = new Map<string, AccountNeed | undefined>();
  for (const bytes of events)
    for (const event of readEvents(bytes)) {
      view.take([event], 0, NO_NOTES);
      for (const account of view.accounts(false)) {
        const { need } = account;
        const name = nameOf(account);
        page.set(name, need);
        if (need?.kind === 'tooShort') {
          assert.equal(need.datesMin, 4);
          short.add(name);
        } else if (need)
          forecasts.set(`${name} ${need.atMs}`, [
            need.lowerMinor,
            need.middleMinor,
            need.upperMinor,
          ]);
      }
      view.forgetChanges();
    }
  const last = new Map(view.accounts(true).map((account) => [nameOf(account), account.need]));
  assert.deepEqual(page, last);
  return { forecasts, short, last };
}
