import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { ChatAnswer, ChatMessage } from '@transaction-guardian/contracts/chat.ts';
import { runInTest, testFolder, testServer } from '../test-run.ts';

/** A server that says what it heard, and offers a button. */
async function serve(t: TestContext): Promise<{ readonly url: string; readonly heard: ChatMessage[] }> {
  const heard: ChatMessage[] = [];
  const url = await testServer(t, (request, response, body) => {
    if (request.url !== '/api/v1/chat') return void response.writeHead(404).end();
    const message = JSON.parse(body) as ChatMessage;
    heard.push(message);
    const answer: ChatAnswer = {
      blocks: [{ type: 'text', text: `heard: ${message.text}`, line: 1 }],
      buttons: [
        { label: 'Ack 1', text: '1a', style: 'primary' },
        { label: 'status', text: 'status', style: 'normal' },
      ],
      follow_ups: [],
      attachments: [],
      more: false,
      locale: 'en',
    };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  });
  return { url, heard };
}

test('words on the command line are one message, answered once', async (t) => {
  const { url, heard } = await serve(t);
  const { code, out } = await runInTest(['chat', 'system', 'status', '--url', url], { cwd: testFolder(t) });
  assert.equal(code, 0);
  assert.deepEqual(
    heard.map(({ channel, conversation, text }) => [channel, conversation, text]),
    [['cli', 'terminal', 'system status']],
  );
  assert.equal(out, 'heard: system status\n\nReply: 1a (Ack 1) · status\n');
});

test('lines of the input are answered one after the other, each a message of its own, until it ends or says so', async (t) => {
  const { url, heard } = await serve(t);
  const { code, out } = await runInTest(['chat', '--url', url, '--conversation', 'night'], {
    cwd: testFolder(t),
    stdin: 'alerts\n\nack 1\nexit\nstatus\n',
  });
  assert.equal(code, 0);
  assert.deepEqual(
    heard.map(({ text }) => text),
    ['alerts', 'ack 1'],
  );
  assert.equal(new Set(heard.map(({ message_id }) => message_id)).size, 2);
  assert.deepEqual(new Set(heard.map(({ conversation }) => conversation)), new Set(['night']));
  assert.equal(out.match(/^heard: /gm)?.length, 2);
});

test('a server that is not there is an error, not an answer', async (t) => {
  const { code, err } = await runInTest(['chat', 'status', '--url', 'http://127.0.0.1:1'], { cwd: testFolder(t) });
  assert.equal(code, 1);
  assert.match(err, /127\.0\.0\.1:1/);
});
