import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { STATUS_COLOUR } from '../web/src/chart/status-colour.ts';

const THEME = readFileSync(new URL('../web/src/styles/theme.css', import.meta.url), 'utf8');

test('the colour of every status is in the theme, for dark and for light screens', () => {
  for (const property of Object.values(STATUS_COLOUR))
    assert.equal(THEME.split(`${property}:`).length - 1, 2, `${property} in web/src/styles/theme.css`);
});
