// jsdom has no matchMedia, and uPlot asks for it as soon as it is loaded.
if (typeof window !== 'undefined') {
  window.matchMedia = (media) => Object.assign(new EventTarget(), { media, matches: false }) as unknown as MediaQueryList;
}
