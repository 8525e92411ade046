import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FastifyRequest } from 'fastify';
import { createDirectory, personActor } from '../auth/directory.ts';
import { createRequestLanguage } from './request-language.ts';

const BOB = { id: 'bob', name: 'Bob', language: 'en', roles: ['operator'], identities: ['telegram:888'] } as const;
const directory = createDirectory([{ ...BOB, roles: [...BOB.roles], identities: [...BOB.identities] }]);
const bob = personActor({ ...BOB, roles: [...BOB.roles], identities: [...BOB.identities] }, { channel: 'telegram' });
const language = createRequestLanguage('pt-BR', directory);
const asked = (header: string | undefined, actor: unknown): string =>
  language({ headers: header === undefined ? {} : { 'accept-language': header }, actor } as unknown as FastifyRequest);

test('a program that acts for a person is answered in the language of the person', () => {
  assert.equal(asked(undefined, bob), 'en');
  // What `fetch` sends by itself.
  assert.equal(asked('*', bob), 'en');
  assert.equal(asked(undefined, { ...bob, id: 'zoe' }), 'pt-BR');
  assert.equal(asked(undefined, null), 'pt-BR');
  assert.equal(asked('*', null), 'pt-BR');
});

test('a language that is asked for counts more than that of the person', () => {
  assert.equal(asked('pt-BR, en;q=0.5', bob), 'pt-BR');
  assert.equal(asked('fr, en;q=0.5', null), 'en');
});
