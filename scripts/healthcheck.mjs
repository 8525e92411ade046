// Health check of a container. A process with the API is asked whether it is ready; any other one has written a report within the
// last seconds. Ends with 0 or 1, and says why.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const PATIENCE_MS = 4000;
/** A process writes its report every two seconds. */
const FRESH_MS = 15_000;

const url = `http://127.0.0.1:${process.env.GUARDIAN_HTTP_PORT ?? 8001}/ready`;
const reports = join(process.env.GUARDIAN_DATA_DIR ?? '.guardian', 'processes');

/** What is wrong; undefined when nothing is. */
async function ask() {
  const answer = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS) }).catch(() => undefined);
  if (answer !== undefined) return answer.ok ? undefined : `${url} answered ${answer.status}: ${await answer.text()}`;
  return hasFreshReport() ? undefined : `${url} does not answer, and there is no report in ${reports}`;
}

function hasFreshReport() {
  try {
    return readdirSync(reports).some((name) => Date.now() - statSync(join(reports, name)).mtimeMs < FRESH_MS);
  } catch {
    return false;
  }
}

const problem = await ask();
if (problem !== undefined) {
  console.error(problem);
  process.exitCode = 1;
}
