import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProblemError } from '../protocol/names/http-problems.ts';
import { createTokenCheck, refuseOtherSites } from './view-access.ts';

const passes = (headers: Parameters<typeof refuseOtherSites>[0]) => {
  try {
    refuseOtherSites(headers);
    return true;
  } catch (error) {
    assert.ok(error instanceof ProblemError);
    return false;
  }
};

test('the loopback address alone, and no page of another origin', () => {
  for (const host of ['127.0.0.1:8081', 'localhost:1', 'LOCALHOST', '[::1]:80', '127.0.0.1'])
    assert.ok(passes({ host }), host);
  for (const host of [
    '',
    'evil.example:8081',
    '127.0.0.1.evil.example',
    '127.0.0.1:8081@evil',
    '10.0.0.1:8081',
  ])
    assert.ok(!passes({ host }), host);
  const host = '127.0.0.1:8081';
  assert.ok(passes({ host, origin: 'http://127.0.0.1:8081', 'sec-fetch-site': 'same-origin' }));
  assert.ok(passes({ host, 'sec-fetch-site': 'none' }));
  for (const origin of [
    'http://127.0.0.1:8082',
    'http://localhost:8081',
    'https://evil.example',
    'null',
  ])
    assert.ok(!passes({ host, origin }), origin);
  for (const site of ['cross-site', 'same-site'])
    assert.ok(!passes({ host, 'sec-fetch-site': site }), site);
});

test('the token and nothing like it', () => {
  const check = createTokenCheck('secret-token');
  check({ authorization: 'Bearer secret-token' });
  for (const authorization of [
    undefined,
    '',
    'secret-token',
    'Bearer ',
    'bearer secret-token',
    'Bearer secret-token ',
    'Bearer secret-tokem',
  ])
    assert.throws(() => check({ authorization }), ProblemError, authorization);
});
