import { releaseDays } from './money-to-release-days.ts';

if (process.env.CORRIDOR_LONG_TESTS === '1') releaseDays(120, 5000);
// Where queues may be passed more money keeps a payment back on few days, which are among these.
else releaseDays(80, 300, 21);
