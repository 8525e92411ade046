import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { configSentence } from './config-problem.ts';
import { loadConfig } from './config-load.ts';

const layer = (more: object = {}) => ({ people: ['ana'], starts: '2026-11-02', ...more });
const load = (oncall: { schedules?: unknown; escalation?: unknown }, more: Record<string, string> = {}) =>
  loadConfig({
    cwd: '/nowhere',
    env: {
      GUARDIAN_PEOPLE: JSON.stringify([{ id: 'ana', name: 'Ana', roles: ['operator'] }]),
      GUARDIAN_ALERT_RECEIVERS: JSON.stringify([{ name: 'phone', url: 'http://127.0.0.1:26900/x' }]),
      ...(oncall.schedules === undefined ? {} : { GUARDIAN_ONCALL_SCHEDULES: JSON.stringify(oncall.schedules) }),
      ...(oncall.escalation === undefined ? {} : { GUARDIAN_ONCALL_ESCALATION: JSON.stringify(oncall.escalation) }),
      ...more,
    },
  });
const said = (...given: Parameters<typeof load>) =>
  load(...given).problems.map((problem) => configSentence('en', problem).replace(/ \(GUARDIAN_[A-Z_]+\)/, ''));

test('a schedule and its escalation are taken, with their defaults', () => {
  const { config, problems } = load({
    schedules: [{ name: 'night', layers: [layer()] }],
    escalation: [{ severities: ['critical'], steps: [{ after_minutes: 10, receivers: ['phone'], schedules: ['night'] }] }],
  });
  assert.deepEqual(problems, []);
  assert.deepEqual(config.oncall.schedules[0]?.layers[0], {
    people: ['ana'],
    starts: '2026-11-02',
    hand_over: '08:00',
    every: 'weekly',
    holidays: 'yes',
  });
});

describe('what is wrong with on-call is said by place and rule', () => {
  const steps = (...list: object[]) => ({ escalation: [{ severities: ['critical'], steps: list }] });
  const rows: readonly (readonly [string, Parameters<typeof load>, string])[] = [
    [
      'nobody',
      [{ schedules: [{ name: 'night', layers: [layer({ people: ['zoe'] })] }] }],
      'oncall.schedules [0].layers[0].people: names somebody who is not under `people`; ids: ana, not zoe',
    ],
    [
      'a day that is none',
      [{ schedules: [{ name: 'night', layers: [layer({ starts: '2026-02-30' })] }] }],
      'oncall.schedules [0].layers[0].starts: 2026-02-30 is not a calendar date',
    ],
    [
      'a zone that is none',
      [{ schedules: [{ name: 'night', time_zone: 'Mars/Olympus', layers: [layer()] }] }],
      'oncall.schedules [0].time_zone: must be an IANA time zone such as America/Sao_Paulo, not Mars/Olympus',
    ],
    [
      'half a time of day',
      [{ schedules: [{ name: 'night', layers: [layer({ from: '22:00' })] }] }],
      'oncall.schedules [0].layers[0]: needs both from and until, or neither',
    ],
    [
      'a name twice',
      [
        {
          schedules: [
            { name: 'night', layers: [layer()] },
            { name: 'night', layers: [layer()] },
          ],
        },
      ],
      'oncall.schedules [1].name: night is the name of two schedules',
    ],
    [
      'an unknown receiver',
      [steps({ after_minutes: 0, receivers: ['pager'] })],
      'oncall.escalation [0].steps[0].receivers: names an unknown receiver; receivers: phone, not pager',
    ],
    [
      'an unknown schedule',
      [steps({ after_minutes: 0, receivers: ['phone'], schedules: ['day'] })],
      'oncall.escalation [0].steps[0].schedules: names an unknown schedule; schedules: -, not day',
    ],
    [
      'steps out of order',
      [steps({ after_minutes: 5, receivers: ['phone'] }, { after_minutes: 5, receivers: ['phone'] })],
      'oncall.escalation [0].steps[1].after_minutes: must be greater than that of the previous step, not 5',
    ],
    [
      'a step that goes nowhere',
      [steps({ after_minutes: 5, people: ['ana'] })],
      'oncall.escalation [0].steps[0]: needs a receiver, or its message goes nowhere',
    ],
    [
      'a time of day that is none, without the regular expression',
      [{ schedules: [{ name: 'night', layers: [layer({ hand_over: '8h' })] }] }],
      'oncall.schedules [0].layers[0].hand_over: must be like 08:00, not "8h"',
    ],
    [
      'a length of turns that is none',
      [{ schedules: [{ name: 'night', layers: [layer({ every: 'wekly' })] }] }],
      'oncall.schedules [0].layers[0].every: must be like daily, weekly, 3d, 2w, 12h, not "wekly"',
    ],
    [
      'quiet hours of which one is no time of day',
      [{}, { GUARDIAN_ONCALL_QUIET_HOURS_FROM: '25:00', GUARDIAN_ONCALL_QUIET_HOURS_UNTIL: '07:00' }],
      'oncall.quiet_hours.from must be like 08:00, not "25:00"',
    ],
    [
      'half of the quiet hours',
      [{}, { GUARDIAN_ONCALL_QUIET_HOURS_FROM: '22:00' }],
      'oncall.quiet_hours.from needs both from and until, or neither',
    ],
  ];
  for (const [name, given, sentence] of rows) test(name, () => assert.deepEqual(said(...given), [sentence]));
});

test('a name is not unknown because the list that has it was refused: one mistake is one problem', () => {
  const people = JSON.stringify([{ id: 'ana', name: 'Ana', roles: ['operater'] }]);
  const receivers = JSON.stringify([{ name: 'phone', url: 'phone.example.com' }]);
  const everything = {
    schedules: [{ name: 'night', layers: [layer()] }],
    escalation: [{ severities: ['critical'], steps: [{ after_minutes: 5, receivers: ['phone'], schedules: ['night'] }] }],
  };
  assert.deepEqual(said(everything, { GUARDIAN_PEOPLE: people }), [
    'people [0].roles[0]: must be one of viewer, operator, approver, admin, not "operater"',
  ]);
  const routes = JSON.stringify([{ matchers: ['severity="critical"'], receivers: ['phone'] }]);
  const refused = said(everything, {
    ...{ GUARDIAN_ALERT_RECEIVERS: receivers, GUARDIAN_ALERT_ROUTES: routes, GUARDIAN_CANARY_RECEIVERS: '["phone"]' },
  });
  assert.deepEqual(refused, ['alert.receivers [0].url: must match ^https?://']);
});
