// StrykerJS for `npm run mutation`: mutates what was built of the four rooms, and runs their tests.
import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const rooms = ['gateway', 'verifier', 'notifier', 'protocol'];

export default {
  plugins: [import.meta.resolve('@stryker-mutator/tap-runner'), here('sample.mjs')],
  testRunner: 'tap',
  tap: {
    testFiles: [
      ...rooms.map((room) => `dist/services/${room}/**/*.test.js`),
      'dist/tests/{messages,verifier,protocol}/*.test.js',
      'dist/tests/gateway/gateway-{access,intake,mail,operator,rate-limits}.test.js',
      'dist/tests/gateway/{every-message-type,unread-streams}.test.js',
      'dist/tests/live/{log-check,notifier-service,verifier-service}.test.js',
      'dist/tests/view/live-view.test.js',
    ],
    nodeArgs: ['--test-reporter=tap', '-r', '{{hookFile}}', '{{testFile}}'],
    forceBail: true,
  },
  mutate: [
    ...rooms.map((room) => `dist/services/${room}/**/*.js`),
    '!dist/services/**/*.{test,reference}.js',
    '!dist/services/view/client/**',
    '!dist/services/*/main.js',
    '!dist/services/analysis/certificates/cycle-certificates.js',
  ],
  checkers: ['sample'],
  reporters: ['lines'],
  coverageAnalysis: 'perTest',
  concurrency: 1,
  ignorePatterns: ['scripts/mutation/node_modules', '.git'],
  tempDirName: '.stryker-tmp',
  disableTypeChecks: false,
  timeoutMS: 20_000,
  dryRunTimeoutMinutes: 30,
};
