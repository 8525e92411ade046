// @vitest-environment jsdom
import { cleanup, render, screen } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import { LinkedText } from './linked-text.tsx';

afterEach(cleanup);

test('addresses can be followed, and the text stays as it was', () => {
  const text = 'Veja https://a.example/x?y=1 e http://b.example\nfim';
  const { container } = render(<LinkedText text={text} />);
  expect(container.textContent).toBe(text);
  expect(screen.getAllByRole('link').map((link) => link.getAttribute('href'))).toEqual(['https://a.example/x?y=1', 'http://b.example']);
});

test('markup and other schemes of a name are text', () => {
  const text = '<img src=x onerror=alert(1)> javascript:alert(1) \u202eabc';
  const { container } = render(<LinkedText text={text} />);
  expect(container.textContent).toBe(text);
  expect(container.querySelector('img, a')).toBeNull();
});
