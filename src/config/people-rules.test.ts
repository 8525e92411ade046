import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { configSentence } from './config-problem.ts';
import { loadConfig } from './config-load.ts';

const said = (people: unknown, locale: 'en' | 'pt-BR' = 'en') =>
  loadConfig({ cwd: '/nowhere', env: { GUARDIAN_PEOPLE: JSON.stringify(people) } }).problems.map((problem) =>
    configSentence(locale, problem).replace(' (GUARDIAN_PEOPLE)', ''),
  );
const ana = (more: object = {}) => ({ id: 'ana', name: 'Ana', roles: ['operator'], ...more });

test('people with identities of their own are taken', () => {
  const people = [ana({ identities: ['telegram:777', 'cli'] }), { id: 'bia', name: 'Bia', language: 'en', roles: ['viewer'] }];
  const { config, problems } = loadConfig({ cwd: '/nowhere', env: { GUARDIAN_PEOPLE: JSON.stringify(people) } });
  assert.deepEqual(problems, []);
  assert.deepEqual(config.people[1], { id: 'bia', name: 'Bia', language: 'en', roles: ['viewer'], identities: [] });
});

describe('what is wrong with people is said by place and rule', () => {
  const rows: readonly (readonly [string, unknown, string])[] = [
    ['two people with one id', [ana(), ana()], 'people [1].id: ana is the id of two people'],
    ['a reserved id', [ana({ id: 'local' })], 'people [0].id: local is a reserved id'],
    [
      'one account of two people',
      [ana({ identities: ['whatsapp:+5511987654321'] }), { ...ana({ identities: ['whatsapp:+551187654321'] }), id: 'bia' }],
      'people [1].identities[0]: whatsapp:+551187654321 is already an identity of ana',
    ],
    [
      'a channel that is none',
      [ana({ identities: ['cli', 'sms:1'] })],
      'people [0].identities[1]: "sms:1" needs one of the channels telegram, whatsapp, slack, discord, cli, console',
    ],
    [
      'a phone without its country',
      [ana({ identities: ['whatsapp:11987654321'] })],
      'people [0].identities[0]: must be a phone number with its country code, such as +5511987654321, not "whatsapp:11987654321"',
    ],
    ['an unknown role', [ana({ roles: ['boss'] })], 'people [0].roles[0]: must be one of viewer, operator, approver, admin, not "boss"'],
  ];
  for (const [name, people, sentence] of rows) test(name, () => assert.deepEqual(said(people), [sentence]));
});

test('the same in Portuguese', () => {
  assert.deepEqual(said([ana({ identities: ['whatsapp:1'] })], 'pt-BR'), [
    'people [0].identities[0]: deve ser um telefone com o código do país, como +5511987654321, não "whatsapp:1"',
  ]);
});
