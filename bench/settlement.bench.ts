import { RECORD_BYTES } from '../services/core/records.ts';
import { createSettlement } from '../services/core/settlement.ts';
import { median, nowNs, printer } from './measure.ts';
import { gridlockLog, timeCycle } from './settlement/gridlocks.ts';
import { rtgsDay } from './settlement/rtgs.ts';
import { wasmModule } from './settlement/traffic.ts';

const print = printer('settlement');
const module = wasmModule();
const day = rtgsDay();
for (let i = 0; i < Number(process.env.R ?? 4); i++) {
  const s = createSettlement(module);
  s.apply(day.setting, day.setting.length / RECORD_BYTES);
  const t = nowNs();
  let ev = 0;
  for (let at = 0; at < day.count; at += 4096)
    ev +=
      s.apply(day.payments.subarray(at * RECORD_BYTES), Math.min(4096, day.count - at)).length /
      128;
  console.log('rtgs', (day.count / (nowNs() - t)) * 1e9, ev, s.queued());
}
void print;
for (const g of [
  { payments: 100_000, participants: 1000, currencies: 1, linkedPercent: 0 },
  { payments: 200_000, participants: 1000, currencies: 1, linkedPercent: 0 },
  { payments: 100_000, participants: 1000, currencies: 4, linkedPercent: 20 },
]) {
  const log = gridlockLog(g);
  const t = Array.from({ length: 7 }, () => timeCycle(module, log));
  console.log(g, t[0], median(t.map((x) => x.ms)), t.map((x) => x.ms.toFixed(1)).join(' '));
}
