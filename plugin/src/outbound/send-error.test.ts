import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSendError } from './send-error.ts';

const failure = (facts: object, message = 'outbound delivery failed'): Error => Object.assign(new Error(message), facts);
const grammy = (code: number): Error => failure({ error_code: code }, `Call to 'sendMessage' failed! (${code}: fault)`);

test('a message that its channel refused has not arrived; one without an answer may have', () => {
  const readings: readonly (readonly [unknown, boolean])[] = [
    [failure({ sentBeforeError: true, cause: grammy(500) }), false],
    [failure({ sentBeforeError: true, cause: failure({ error: grammy(403) }, "Call to 'sendMessage' failed! (403: blocked)") }), false],
    [failure({ sentBeforeError: true, cause: failure({ code: 'slack_webapi_platform_error' }, 'An API error occurred: x') }), false],
    [failure({ sentBeforeError: true, cause: failure({ status: 403 }, 'Missing Access') }), false],
    [failure({ sentBeforeError: true, cause: failure({}, "Network request for 'sendMessage' failed!") }), true],
    [failure({ sentBeforeError: true }, 'Telegram sendMessage timed out after 60000ms'), true],
    [failure({ sentBeforeError: false, queueCustody: 'held' }, 'connect ECONNREFUSED'), false],
    ['something else', true],
  ];
  for (const [error, mayHaveArrived] of readings) assert.equal(readSendError(error).mayHaveArrived, mayHaveArrived, String(error));
});

test('what the queue holds is told apart, and no token is in an error', () => {
  assert.equal(readSendError(failure({ sentBeforeError: false, queueCustody: 'held' })).isHeld, true);
  assert.equal(readSendError(failure({ sentBeforeError: true, queueCustody: 'held' })).isHeld, false);
  assert.ok(!readSendError(failure({}, 'https://api.telegram.org/bot123456:TEST-a/sendMessage')).error.includes('TEST'));
});
