import { defineConfig } from 'vite';

// One file without run-time dependencies: the gateway installs a folder or a tarball, and follows no links out of it.
export default defineConfig({
  build: {
    ssr: 'src/index.ts',
    outDir: 'dist',
    emptyOutDir: true,
    target: 'node24',
    minify: false,
    rolldownOptions: { external: [/^openclaw\//, /^node:/], output: { entryFileNames: 'index.js' } },
  },
  ssr: { noExternal: true },
});
