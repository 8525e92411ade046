/** Reporter of node:test that prints the totals of the whole run as one line of JSON, for the last line of `npm test`. */
export default async function* countTests(source) {
  let counts = { passed: 0, failed: 0, skipped: 0 };
  for await (const event of source) {
    if (event.type !== 'test:summary' || event.data.file !== undefined) continue;
    const { passed, failed, cancelled, skipped, todo } = event.data.counts;
    counts = { passed, failed: failed + cancelled, skipped: skipped + todo };
  }
  yield `${JSON.stringify(counts)}\n`;
}
