import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { pino } from 'pino';
import type { NotifiedSelfAlert } from '../../alert/self-alert.ts';
import type { Database } from '../../store/database.ts';
import { openTestDatabase } from '../../store/test-database.ts';
import { openStoredSelfAlerts } from './stored-self-alerts.ts';

const LOG = pino({ level: 'silent' });
const FIRING: NotifiedSelfAlert = { problem: 'detection_standstill', receiver: 'night-shift', since: 1000, toldAt: 2000 };

describe('self-alerts of a role that any machine may have', () => {
  let database: Database;
  before(async () => void (database = await openTestDatabase()));
  after(() => database.close());

  test('whoever has the role next knows what fires, at whom and since when; another role knows nothing of it', async () => {
    const first = await openStoredSelfAlerts(database, 'data', LOG);
    assert.deepEqual(first.memory('receivers').notified, []);
    first.memory('receivers').keep([FIRING]);
    first.memory('alertmanager').keep([]);
    await first.stop();

    const second = await openStoredSelfAlerts(database, 'data', LOG);
    assert.deepEqual(second.memory('receivers').notified, [FIRING]);
    assert.deepEqual(second.memory('alertmanager').notified, []);
    second.memory('receivers').keep([]);
    await second.stop();
    const third = await openStoredSelfAlerts(database, 'data', LOG);
    assert.deepEqual(third.memory('receivers').notified, []);
    await third.stop();

    const other = await openStoredSelfAlerts(database, 'alert', LOG);
    assert.deepEqual(other.memory('receivers').notified, []);
    await other.stop();
  });

  test('what is raised while the database is away is written when it is back', async () => {
    let isAway = false;
    const shaky: Database = {
      ...database,
      query: async (text, params) => {
        if (isAway) throw new Error('away');
        return database.query(text, params);
      },
    };
    const stored = await openStoredSelfAlerts(shaky, 'data', LOG);
    isAway = true;
    stored.memory('receivers').keep([FIRING]);
    await stored.stop();
    // A stop that cannot write says nothing: the next process raises it again under the same fingerprint.
    isAway = false;
    const again = await openStoredSelfAlerts(shaky, 'data', LOG);
    assert.deepEqual(again.memory('receivers').notified, []);
    isAway = true;
    again.memory('receivers').keep([FIRING]);
    isAway = false;
    await again.stop();
    const last = await openStoredSelfAlerts(database, 'data', LOG);
    assert.deepEqual(last.memory('receivers').notified, [FIRING]);
    await last.stop();
  });
});
