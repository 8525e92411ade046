import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { FIRING, HOSTILE_NAMES, namedOf, RESOLVED } from '../test-messages.ts';
import type { EmailReceiver } from './config.ts';
import { createEmailSend } from './send.ts';

const never = new AbortController().signal;
const send = createEmailSend('pt-BR');

/** An SMTP server on 127.0.0.1 and the mails that it took. */
async function start(t: TestContext, options: SMTPServerOptions = {}) {
  const mails: string[] = [];
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    authOptional: true,
    onData: (stream, _session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        mails.push(Buffer.concat(chunks).toString('utf8'));
        done();
      });
    },
    ...options,
  });
  server.on('error', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  t.after(() => new Promise<void>((done) => server.close(done)));
  return { mails, port: (server.server.address() as AddressInfo).port };
}

function receiverAt(port: number, more: Partial<EmailReceiver> = {}): EmailReceiver {
  const about = { name: 'mail', send_resolved: true, briefings: true, silence_notices: true };
  return { kind: 'email', ...about, host: '127.0.0.1', port, tls: 'none', from: 'guardian@example.com', to: 'night@example.com', ...more };
}

/** Header lines of a mail, unfolded. */
const headersOf = (mail: string): string => (mail.split('\r\n\r\n')[0] ?? '').replaceAll(/\r\n[ \t]/g, ' ');

test('a mail has text and HTML, an id that stays, and answers the one before it', async (t) => {
  const { mails, port } = await start(t);
  const outcome = await send(receiverAt(port), { id: 'nt_1', message: FIRING }, never);
  assert.deepEqual(outcome, { kind: 'delivered', receipt: { to: 'night@example.com', providerMessageId: '<nt_1@example.com>' } });
  const previous = { providerMessageId: '<nt_1@example.com>', message: FIRING, isShared: false };
  await send(receiverAt(port), { id: 'nt_2', message: RESOLVED, previous }, never);
  assert.match(mails[0] ?? '', /multipart\/alternative[^]*text\/plain[^]*text\/html/);
  assert.match(headersOf(mails[0] ?? ''), /Message-ID: <nt_1@example\.com>/i);
  assert.match(headersOf(mails[1] ?? ''), /In-Reply-To: <nt_1@example\.com>/i);
});

test('a name adds no header and no markup', async (t) => {
  const { mails, port } = await start(t);
  for (const name of [...HOSTILE_NAMES, 'x\r\nBcc: evil@example.com', 'y\nBcc: evil@example.com'])
    assert.equal((await send(receiverAt(port), { id: 'nt_1', message: namedOf(name) }, never)).kind, 'delivered');
  for (const mail of mails) assert.doesNotMatch(headersOf(mail), /^bcc:/im);
  const html = (mails[0] ?? '').split('text/html')[1] ?? '';
  assert.doesNotMatch(html.replaceAll(/=\r\n/g, ''), /<b>&amp;"x"/);
});

test('without TLS nothing is sent where it is asked for; a wrong password and a full mailbox are told apart', async (t) => {
  const plain = await start(t);
  const refused = await send(receiverAt(plain.port, { tls: 'starttls' }), { id: 'nt_1', message: FIRING }, never);
  assert.notEqual(refused.kind, 'delivered');
  assert.deepEqual(plain.mails, []);
  const locked = await start(t, {
    authOptional: false,
    allowInsecureAuth: true,
    onAuth: (auth, _session, done) => done(auth.password === 's3cret' ? null : new Error('Invalid login'), { user: 'u' }),
  });
  const wrong = await send(receiverAt(locked.port, { user: 'u', password: 'wr0ng' }), { id: 'nt_1', message: FIRING }, never);
  assert.equal(wrong.kind, 'refused');
  assert.doesNotMatch(JSON.stringify(wrong), /wr0ng/);
  const right = await send(receiverAt(locked.port, { user: 'u', password: 's3cret' }), { id: 'nt_1', message: FIRING }, never);
  assert.equal(right.kind, 'delivered');
  const full = await start(t, {
    onRcptTo: (_address, _session, done) => done(Object.assign(new Error('mailbox full'), { responseCode: 452 })),
  });
  assert.deepEqual(await send(receiverAt(full.port), { id: 'nt_1', message: FIRING }, never), {
    kind: 'retry',
    error: 'SMTP 452',
    afterMs: 0,
    mayHaveArrived: false,
  });
  assert.equal((await send(receiverAt(1), { id: 'nt_1', message: FIRING }, never)).kind, 'retry');
});

test('implicit TLS is refused where the certificate is not known', async (t) => {
  const { port, mails } = await start(t, { secure: true });
  const outcome = await send(receiverAt(port, { tls: 'implicit' }), { id: 'nt_1', message: FIRING }, never);
  assert.notEqual(outcome.kind, 'delivered');
  assert.deepEqual(mails, []);
});
