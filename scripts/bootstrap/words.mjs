/** Whether the person reads English: `GUARDIAN_LOCALE`, else the language of the terminal, else Portuguese as the product. */
function readsEnglish(env) {
  const asked = env.GUARDIAN_LOCALE || env.LC_ALL || env.LC_MESSAGES || env.LANG || '';
  return asked !== '' && !/^(pt|C\b|POSIX)/i.test(asked);
}

/** The one of two wordings that the person reads. */
export function say(portuguese, english, env = process.env) {
  return readsEnglish(env) ? english : portuguese;
}
