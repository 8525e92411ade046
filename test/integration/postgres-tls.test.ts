import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { connectionUrl } from '../../src/store/postgres/connection-url.ts';
import { openPostgres } from '../../src/store/postgres/open-postgres.ts';
import { silentLog } from '../../src/store/test-database.ts';
import { startPostgres } from './postgres-server.ts';

const LIMITS = { connections: 2, connectMs: 60_000, statementMs: 60_000, lockMs: 60_000, log: silentLog };

/** Two CAs, a server's certificate for 127.0.0.1 by the first, and one for the user `guardian`. */
function makeCertificates(t: TestContext): (name: string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'guardian-tls-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const at = (name: string): string => join(folder, name);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
  const keyed = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  for (const ca of ['ca', 'other']) openssl('req', '-x509', ...keyed, '-subj', `/CN=${ca}`, '-keyout', `${ca}.key`, '-out', `${ca}.pem`);
  for (const [name, extra] of [
    ['server', 'subjectAltName=IP:127.0.0.1'],
    ['guardian', 'extendedKeyUsage=clientAuth'],
  ] as const) {
    openssl('req', ...keyed, '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.csr`);
    writeFileSync(at('extra'), extra);
    const signed = [
      '-req',
      '-in',
      `${name}.csr`,
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-days',
      '2',
      '-extfile',
      'extra',
    ];
    openssl('x509', ...signed, '-out', `${name}.pem`);
  }
  // One database wants a certificate of the client; the rest takes everybody, as the other tests do.
  writeFileSync(at('hba'), 'hostssl guardian_1 all 127.0.0.1/32 cert\nhost all all 127.0.0.1/32 trust\n');
  chmodSync(folder, 0o755);
  if (process.getuid?.() === 0) {
    const [uid, gid] = ['-u', '-g'].map((flag) => Number(execFileSync('id', [flag, 'postgres']).toString()));
    for (const name of readdirSync(folder)) chownSync(at(name), uid ?? 0, gid ?? 0);
  }
  return at;
}

test('the connection is encrypted, and who answers is whom sslmode asks for', { timeout: 300_000 }, async (t) => {
  const at = makeCertificates(t);
  const server = await startPostgres({
    ssl: 'on',
    ssl_cert_file: at('server.pem'),
    ssl_key_file: at('server.key'),
    ssl_ca_file: at('ca.pem'),
    hba_file: at('hba'),
  });
  t.after(() => server.stop());
  const certOnly = await server.createDatabase();
  const open = async (url: string, query: string) => {
    const database = await openPostgres({ ...LIMITS, url: connectionUrl(`${url}?${query}`) });
    try {
      const [row] = await database.query<{ ssl: boolean }>('select ssl from pg_stat_ssl where pid = pg_backend_pid()');
      return row?.ssl;
    } finally {
      await database.close();
    }
  };
  const all = server.urlOf();
  const byName = all.replace('127.0.0.1', 'localhost');
  const refused = { code: 'STORE_UNAVAILABLE' };
  assert.equal(await open(all, 'sslmode=disable'), false);
  assert.equal(await open(all, 'sslmode=require'), true, 'whoever answers');
  assert.equal(await open(all, `sslmode=verify-full&sslrootcert=${at('ca.pem')}`), true);
  await assert.rejects(open(all, `sslmode=verify-full&sslrootcert=${at('other.pem')}`), refused, 'another CA');
  await assert.rejects(open(all, 'sslmode=verify-full'), refused, 'a CA that the system does not know');
  await assert.rejects(open(byName, `sslmode=verify-full&sslrootcert=${at('ca.pem')}`), refused, 'a certificate for another name');
  assert.equal(await open(byName, `sslmode=verify-ca&sslrootcert=${at('ca.pem')}`), true, 'the name does not matter');
  await assert.rejects(open(certOnly, 'sslmode=require'), 'the server wants a certificate');
  assert.equal(
    await open(certOnly, `sslmode=verify-full&sslrootcert=${at('ca.pem')}&sslcert=${at('guardian.pem')}&sslkey=${at('guardian.key')}`),
    true,
  );
});
