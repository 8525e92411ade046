// @vitest-environment jsdom
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { beforeEach, expect, test, vi } from 'vitest';
import type { Ask } from '../../live/ask.ts';
import { WordsProvider } from '../../ui/locale.tsx';
import { OverrideForm } from './override-form.tsx';

beforeEach(cleanup);

test('an override is read by the clocks of the server, whatever the zone of the browser', async () => {
  const send = vi.fn(async () => undefined);
  const ask = { send } as unknown as Ask;
  render(
    <WordsProvider defaultLocale="en" timeZone="Europe/Berlin">
      <OverrideForm ask={ask} schedule="main" people={[{ id: 'ana', name: 'Ana' }]} onMade={() => undefined} />
    </WordsProvider>,
  );
  const field = (name: RegExp) => screen.getByLabelText(name);
  fireEvent.change(field(/^From/), { target: { value: '2026-10-24T22:00' } });
  fireEvent.change(field(/^To/), { target: { value: '2026-10-25T02:30' } });
  expect(field(/^From \(GMT\+2|^From \(CEST/)).toBeTruthy();
  expect(screen.getByText(/second time counts/)).toBeTruthy();
  fireEvent.click(screen.getByRole('button', { hidden: true }));
  await waitFor(() =>
    expect(send).toHaveBeenCalledWith('POST', '/oncall/overrides', {
      ...{ schedule: 'main', person: 'ana', starts_at: '2026-10-24T20:00:00.000Z', ends_at: '2026-10-25T01:30:00.000Z' },
    }),
  );
});
