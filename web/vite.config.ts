import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

const api = 'http://127.0.0.1:8001';
const routes = ['/api', '/docs', '/openapi.json'];

/** Writes a `.br` and a `.gz` beside every text of the build, which the server sends to browsers that take them. */
function compress(): Plugin {
  return {
    name: 'compress',
    apply: 'build',
    async writeBundle({ dir = '' }, bundle) {
      const files = [...Object.keys(bundle), ...(await readdir(dir))].filter((name) => /\.(?:js|css|html|svg)$/.test(name));
      for (const file of new Set(files)) {
        const path = join(dir, file);
        const bytes = await readFile(path);
        await writeFile(`${path}.br`, brotliCompressSync(bytes));
        await writeFile(`${path}.gz`, gzipSync(bytes, { level: 9 }));
      }
    },
  };
}

/** Pages that are open load files of the build that they came with: those go when they are older than this. */
const KEPT_MS = 7 * 24 * 3_600_000;

/** Removes assets of builds before. */
function removeOld(): Plugin {
  return {
    name: 'remove-old',
    apply: 'build',
    async writeBundle({ dir = '' }, bundle) {
      const made = new Set(Object.keys(bundle));
      for (const name of await readdir(join(dir, 'assets'))) {
        if (made.has(`assets/${name.replace(/\.(?:br|gz)$/, '')}`)) continue;
        const path = join(dir, 'assets', name);
        if (Date.now() - (await stat(path)).mtimeMs > KEPT_MS) await rm(path);
      }
    },
  };
}

export default defineConfig({
  plugins: [react(), compress(), removeOld()],
  server: { host: '127.0.0.1', proxy: Object.fromEntries(routes.map((route) => [route, api])) },
  build: { outDir: 'dist', emptyOutDir: false, modulePreload: { polyfill: false }, target: 'es2022' },
  test: { include: ['src/**/*.test.{ts,tsx}'], setupFiles: ['src/test-setup.ts'], restoreMocks: true },
});
