import { cleanup, render } from '@testing-library/react';
// @vitest-environment jsdom
import { escapeMarkdown } from '@transaction-guardian/contracts/text/markup.ts';
import { afterEach, expect, test } from 'vitest';
import { Markdown } from './markdown.ts';

afterEach(cleanup);

const html = (source: string): string => render(<Markdown source={source} />).container.querySelector('.markdown')?.innerHTML ?? '';

test('headings, quotes, lists with their second lines, tasks and tables become elements', () => {
  expect(html('# A\n\n> b\n\n## C\n\n- **1** d\n  `▁▂` 3/min\n- [ ] _e_\n\n| | |\n|---|---|\n| f | 40 s |')).toBe(
    '<h3>A</h3><blockquote><p>b</p></blockquote><h4>C</h4><ul><li><strong>1</strong> d <code>▁▂</code> 3/min</li><li>☐ <em>e</em></li></ul>' +
      '<table><tbody><tr><td>f</td><td>40 s</td></tr></tbody></table>',
  );
});

test('markup and links of a text stay text', () => {
  const evil = '<img src=x onerror=alert(1)> [a](javascript:alert(1)) **b** `c` | d _e_ \\';
  const { container } = render(<Markdown source={`- ${escapeMarkdown(evil)}\n\n<script>alert(1)</script> [x](javascript:y)`} />);
  expect(container.querySelector('li')?.textContent).toBe(evil);
  expect(container.querySelectorAll('img, a, script, strong, code, em').length).toBe(0);
  expect(container.querySelector('p')?.textContent).toBe('<script>alert(1)</script> [x](javascript:y)');
});

test('a name with a bar does not break a table', () => {
  expect(html(`| a | b |\n|---|---|\n| ${escapeMarkdown('x|y')} | z |`)).toContain('<td>x|y</td><td>z</td>');
});
