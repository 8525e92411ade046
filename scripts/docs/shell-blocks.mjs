import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const PROGRAMS = new Set(
  'npm npx node openclaw git cd curl cat printf echo export head tail sed grep jq sqlite3 docker tar bash rm cp mkdir apt-get promtool amtool openssl seq for sudo chmod kubectl systemctl install pg_dump pg_restore createdb psql'.split(
    ' ',
  ),
);

/** Problems with shell blocks: they parse, start with programs that people have, send JSON that parses, and call routes
 *  that exist. */
export function checkShellBlocks(root, page) {
  const routes = readRoutes(root);
  return page.blocks
    .filter(({ language }) => language === 'sh' || language === 'bash')
    .flatMap((block) => {
      const text = block.lines.join('\n');
      const problems = [...checkSyntax(text), ...checkPrograms(root, text), ...checkJson(text), ...checkRoutes(text, routes)];
      return problems.map((problem) => `${page.file}:${block.line}: ${problem}`);
    });
}

function checkSyntax(text) {
  const { status, stderr } = spawnSync('bash', ['-n'], { input: text, encoding: 'utf8' });
  return status === 0 || status === null ? [] : [`the block is no valid shell: ${stderr.trim().split('\n')[0]}`];
}

function checkPrograms(root, text) {
  const joined = text.replaceAll('\\\n', ' ').replaceAll(/'[^']*'/g, "''");
  const commands = joined
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  return commands
    .map((line) => line.replace(/^([A-Z_]+=\S* +)+/, '').split(' ')[0])
    .filter((program) => !PROGRAMS.has(program) && !/^([A-Z_]+=|done$|do$)/.test(program) && !existsSync(join(root, program)))
    .map((program) => `"${program}" is no program that a reader has`);
}

function checkJson(text) {
  return [...text.matchAll(/(?:-d|--data|--data-binary|--json) '([^'@][^']*)'/g)].flatMap(([, body]) => {
    const parts = body.trim().includes('\n') && !body.trim().startsWith('[') ? body.trim().split('\n') : [body];
    return parts.flatMap((part) => {
      try {
        JSON.parse(part);
        return [];
      } catch (error) {
        return [`the request's JSON does not parse: ${error.message}`];
      }
    });
  });
}

/** Paths of the routes, as patterns; none when there is no src/http (then routes are not checked). */
function readRoutes(root) {
  const sources = globSync('src/http/**/*.ts', { cwd: root }).filter((file) => !file.endsWith('.test.ts'));
  const paths = sources.flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(/'(\/[a-z][\w/:.-]*)'/g)].map((match) => match[1]),
  );
  return paths.map((path) => new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/:\w+/g, '[^/]+')}$`));
}

function checkRoutes(text, routes) {
  if (routes.length === 0) return [];
  return [...text.matchAll(/127\.0\.0\.1:8001(\/[^\s'"?#)]*)/g)]
    .map((match) => match[1].replace(/^\/api\/v1(?=\/)/, '').replace(/(.)\/$/, '$1'))
    .filter((path) => path !== '/' && !routes.some((route) => route.test(path)))
    .map((path) => `the API has no route ${path}`);
}
