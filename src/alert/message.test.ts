import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FLEET_GROUP } from './group.ts';
import { notificationId } from './message.ts';

test('the id of a message depends on nothing but the message', () => {
  const id = notificationId('r', FLEET_GROUP, 1, 'abc');
  assert.equal(notificationId('r', FLEET_GROUP, 1, 'abc'), id);
  assert.match(id, /^nt_[0-9a-f]{20}$/);
  assert.equal(new Set([id, notificationId('q', FLEET_GROUP, 1, 'abc'), notificationId('r', FLEET_GROUP, 2, 'abc')]).size, 3);
});
