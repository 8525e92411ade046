import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkCommands, readCommands } from './docs/commands.mjs';
import { checkVariables, configurationPage, settingNames } from './docs/configuration.mjs';
import { markdownFiles, readMarkdown } from './docs/markdown.mjs';
import { checkPaths } from './docs/paths.mjs';
import { checkShellBlocks } from './docs/shell-blocks.mjs';
import { checkStatuses } from './docs/statuses.mjs';
import { checkWords } from './docs/words.mjs';

/** All problems of the documents below `root`, as `file:line: problem`: paths and links that do not exist, scripts,
 *  commands, flags, routes and settings that the product does not have, shell blocks that do not parse. In the code, too: words
 *  of `scripts/words.json` that the field does not use. Pages that list every status must name each. */
export async function checkDocs(root) {
  const commands = readCommands(root);
  const hasConfiguration = existsSync(join(root, 'src/config/config-schema.ts'));
  const settings = hasConfiguration ? await settingNames(root) : null;
  for (const flag of settings?.flags ?? []) commands.flags.add(flag);
  const problems = markdownFiles(root).flatMap((file) => {
    const page = readMarkdown(root, file);
    return [
      ...checkPaths(root, page),
      ...checkCommands(root, page, commands),
      ...checkShellBlocks(root, page),
      ...(settings === null ? [] : checkVariables(page, settings)),
    ];
  });
  problems.push(...checkWords(root), ...(await checkStatuses(root)));
  if (settings !== null && !(await isCurrent(root, settings.file))) {
    problems.push(`${settings.file}: does not match the schema; run: node scripts/check-docs.mjs --write`);
  }
  return problems;
}

const isCurrent = async (root, file) =>
  existsSync(join(root, file)) && readFileSync(join(root, file), 'utf8') === (await configurationPage(root));

async function main(args) {
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  if (args.includes('--write')) writeFileSync(join(root, 'docs/configuration.md'), await configurationPage(root));
  const problems = await checkDocs(root);
  for (const problem of problems) console.error(problem);
  console.log(`${markdownFiles(root).length} documents checked, ${problems.length} problems`);
  if (problems.length > 0) process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.slice(2));
