import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Verdict } from '../../core/settlement/records.ts';
import type { Bic } from '../../protocol/names/bic-and-uetr.ts';
import { awaitedOf, awaitedText } from './awaited-attestors.ts';

const group = (threshold: number, ...attestors: string[]) => ({
  threshold,
  attestors: attestors as Bic[],
});
const said = (of: Readonly<Record<string, Verdict>>) => new Map(Object.entries(of));

test('a group of which too few are left is waited for no more, and of the others so many as are needed', () => {
  const condition = {
    groups: [group(2, 'A', 'B', 'C'), group(1, 'D'), group(1, 'E', 'F')],
    threshold: 2,
  };
  const text = (of: Readonly<Record<string, Verdict>>) =>
    awaitedText(awaitedOf(condition, said(of)));
  assert.equal(text({}), '2 of these: 2 of A, B and C; D; 1 of E and F');
  assert.equal(text({ A: 'accepted', B: 'held' }), '2 of these: 1 of B and C; D; 1 of E and F');
  assert.equal(text({ A: 'refused', B: 'refused' }), 'D; 1 of E and F');
  assert.equal(text({ D: 'accepted' }), '1 of these: 2 of A, B and C; 1 of E and F');
  assert.equal(text({ D: 'accepted', E: 'accepted' }), '');
});

test('mandatory groups are waited for beside so many of the others', () => {
  const condition = {
    groups: [group(1, 'A'), { ...group(1, 'M', 'N'), isMandatory: true as const }, group(1, 'B')],
    threshold: 2,
  };
  const text = (of: Readonly<Record<string, Verdict>>) =>
    awaitedText(awaitedOf(condition, said(of)));
  assert.equal(text({}), '1 of M and N; 1 of these: A; B');
  assert.equal(text({ A: 'accepted', B: 'accepted' }), '1 of M and N');
  assert.equal(text({ M: 'accepted' }), '1 of these: A; B');
  assert.equal(text({ M: 'refused', A: 'refused' }), 'N; B');
});
