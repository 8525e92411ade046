// @vitest-environment jsdom
import { cleanup, render, screen } from '@testing-library/react';
import { beforeEach, expect, test } from 'vitest';
import type { OnCallPolicy } from '@transaction-guardian/contracts/oncall.ts';
import { WordsProvider } from '../../ui/locale.tsx';
import { Policy } from './policy.tsx';

beforeEach(cleanup);

const layer = { people: ['ana', 'bia'], starts: '2026-11-02', hand_over: '08:00', holidays: 'yes' as const };
const policy: OnCallPolicy = {
  schedules: [
    {
      name: 'night',
      time_zone: 'America/Sao_Paulo',
      layers: [
        { ...layer, every: 'daily' },
        { ...layer, every: '3d' },
        { ...layer, every: '2w', from: '22:00', until: '06:00' },
      ],
    },
  ],
  escalation: [],
  quiet_hours: null,
  people: [
    { id: 'ana', name: 'Ana' },
    { id: 'bia', name: 'Bia' },
  ],
};

test('turns are told in words, and one over midnight says so', () => {
  for (const [locale, lines] of [
    [
      'pt-BR',
      [
        'Ana → Bia · todo dia · 08:00',
        'Ana → Bia · a cada 3 dias · 08:00',
        'Ana → Bia · a cada 2 semanas · 08:00 · 22:00–06:00 do dia seguinte',
      ],
    ],
    [
      'en',
      [
        'Ana → Bia · every day · 08:00',
        'Ana → Bia · every 3 days · 08:00',
        'Ana → Bia · every 2 weeks · 08:00 · 22:00–06:00 of the next day',
      ],
    ],
  ] as const) {
    cleanup();
    render(
      <WordsProvider defaultLocale={locale} timeZone="America/Sao_Paulo">
        <Policy policy={policy} />
      </WordsProvider>,
    );
    expect(screen.getAllByRole('listitem').map(({ textContent }) => textContent)).toEqual(lines);
  }
});
