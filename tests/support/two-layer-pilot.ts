import assert from 'node:assert/strict';
import { readEvents } from '../../services/core/settlement/event-reader.ts';
import { uetrFromBytes } from '../../services/protocol/names/bic-and-uetr.ts';
import { planPayments } from '../../services/scenario/payments-in-sending-order.ts';
import { toldOn } from './pilot-page.ts';
import { load, runDirectly } from './run.ts';

/**
 * What docs/pilot-two-layer.md says that the pilot finds: chains that end unsettled, in all and of a flow.
 * @param variant the row of the page that has the number; null: none has
 */
export async function unsettled(variant: string | null, ...set: readonly string[]) {
  const scenario = load('two-layer', set);
  const chains = new Map<string, string>();
  for (const { uetr, ofChain } of planPayments(scenario)) chains.set(`${uetr}`, ofChain!.chain.id);
  const ended = new Set<string>();
  const { summary } = await runDirectly(scenario, {
    onSlice: ({ steps }) => {
      for (const { batch } of steps)
        for (const event of readEvents(batch.events))
          if (event.kind === 'cancelled')
            ended.add(chains.get(`${uetrFromBytes(event.id)}`) as string);
    },
  });
  assert.equal(summary.chains!.ended, ended.size);
  if (variant !== null) assert.deepEqual(toldOn('two-layer', variant), [`${ended.size}`]);
  const leaving = [...ended].filter((id) => id.startsWith('leaving')).length;
  return { all: ended.size, leaving, summary };
}
