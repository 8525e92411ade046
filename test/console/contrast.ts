/// <reference lib="dom" />
import type { Page } from 'playwright-core';

/** Texts whose contrast with what lies behind them is below that of WCAG 2.2 AA (1.4.3): 4.5, or 3 for large text. What is
 *  switched off or hidden from readers does not count. */
export function lowContrasts(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    type Rgba = readonly [number, number, number, number];
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const parse = (colour: string): Rgba => {
      if (canvas === null) return [0, 0, 0, 1];
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
      const [r = 0, g = 0, b = 0, a = 255] = canvas.getImageData(0, 0, 1, 1).data;
      return [r, g, b, a / 255];
    };
    const over = (top: Rgba, below: Rgba): Rgba => {
      const mix = (index: 0 | 1 | 2) => top[index] * top[3] + below[index] * (1 - top[3]);
      return [mix(0), mix(1), mix(2), 1];
    };
    const behind = (element: Element | null): Rgba => {
      if (element === null) return [255, 255, 255, 1];
      const own = parse(getComputedStyle(element).backgroundColor);
      return own[3] >= 1 ? own : over(own, behind(element.parentElement));
    };
    const luminance = ([r, g, b]: Rgba) => {
      const part = (value: number) => (value / 255 <= 0.03928 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
      return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
    };
    const opacity = (element: Element | null): number =>
      element === null ? 1 : Number(getComputedStyle(element).opacity) * opacity(element.parentElement);
    const found = new Set<string>();
    for (const element of document.querySelectorAll<HTMLElement>('body *')) {
      const words = [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim() !== '');
      const box = element.getBoundingClientRect();
      if (words.length === 0 || box.width < 2 || box.height < 2 || element.closest('.visually-hidden, .skip, [disabled]') !== null)
        continue;
      const style = getComputedStyle(element);
      if (style.visibility === 'hidden') continue;
      const ground = behind(element);
      const ink = parse(style.color);
      const seen = over([ink[0], ink[1], ink[2], ink[3] * opacity(element)], ground);
      const [high = 0, low = 0] = [luminance(seen), luminance(ground)].toSorted((a, b) => b - a);
      const ratio = (high + 0.05) / (low + 0.05);
      const size = Number.parseFloat(style.fontSize);
      const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
      if (ratio < (isLarge ? 3 : 4.5)) {
        found.add(
          `${element.tagName.toLowerCase()}.${element.className} "${words[0]?.textContent?.trim().slice(0, 30)}" ${ratio.toFixed(2)}`,
        );
      }
    }
    return [...found];
  });
}
