import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectionUrl } from './connection-url.ts';

const AT = 'postgres://guardian:s3cret@db.internal:5432/guardian';

test('an address without TLS stays as it is; with it the modes mean what they mean to psql', () => {
  assert.equal(connectionUrl(AT), AT);
  assert.equal(connectionUrl(`${AT}?sslmode=require`), `${AT}?sslmode=require&uselibpqcompat=true`);
  assert.equal(connectionUrl(`${AT}?sslmode=verify-full`), `${AT}?sslmode=verify-full&uselibpqcompat=true`);
});

test('a wrong mode and a file that cannot be read are named, the password is not', () => {
  for (const [query, what] of [
    ['sslmode=prefer', /sslmode is "prefer"/],
    ['sslmode=verify-ca', /needs sslrootcert/],
    ['sslmode=verify-full&sslrootcert=/nowhere/ca.pem', /sslrootcert cannot be read.*\/nowhere\/ca\.pem/],
    ['sslmode=require&sslkey=/nowhere/key.pem', /sslkey cannot be read/],
  ] as const) {
    assert.throws(
      () => connectionUrl(`${AT}?${query}`),
      (error: Error & { code?: string }) =>
        error.code === 'CONFIG_INVALID' && what.test(error.message) && !error.message.includes('s3cret'),
      query,
    );
  }
});
