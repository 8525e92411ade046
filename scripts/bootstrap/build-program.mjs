// `node build-program.mjs <folder>`: makes src/main.ts and all that it loads into the files of a folder.
import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { rolldown } from 'rolldown';
import { root } from './paths.mjs';

const [, , folder] = process.argv;

/** Packages that go into the program: our own, and TypeBox, which is 679 files. The others find files of theirs by where they are. */
const OURS = /^(@transaction-guardian\/|typebox(\/|$))/;
const isPath = (id) => /^[./]/.test(id);
const withSlashes = (path) => path.replaceAll('\\', '/');

/** Files that run in a thread or process of their own become entries; every other place that a file names by its own (migrations,
 *  runbooks, the console) stays where it is beside the sources. */
const placesOfFiles = {
  name: 'places-of-files',
  transform(code, id) {
    if (!id.endsWith('.ts') || !code.includes('import.meta.url')) return null;
    const withEntries = code.replace(/new URL\('(\.\/[\w./-]+)\.ts', import\.meta\.url\)/g, (whole, name) => {
      const file = join(dirname(id), `${name}.ts`);
      if (!existsSync(file)) return whole;
      const fileName = `${withSlashes(relative(join(root, 'src'), file))
        .slice(0, -'.ts'.length)
        .replaceAll('/', '-')}.mjs`;
      this.emitFile({ type: 'chunk', id: file, fileName });
      return `new URL('./${fileName}', import.meta['url'])`;
    });
    const source = JSON.stringify(withSlashes(relative(folder, id)));
    return { code: withEntries.replaceAll('import.meta.url', `new URL(${source}, import.meta['url']).href`), map: null };
  },
};

const bundle = await rolldown({
  input: { main: join(root, 'src', 'main.ts') },
  cwd: root,
  platform: 'node',
  external: (id) => !isPath(id) && !OURS.test(id),
  plugins: [placesOfFiles],
});
await bundle.write({ dir: folder, format: 'esm', entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' });
await bundle.close();
