import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const api = 'http://127.0.0.1:8001';
const routes = ['/session', '/stats', '/series', '/stream', '/anomalies', '/alerts', '/merchants', '/health', '/docs', '/openapi.json'];

export default defineConfig({
  plugins: [react()],
  server: { host: '127.0.0.1', proxy: Object.fromEntries(routes.map((route) => [route, api])) },
  build: { outDir: 'dist', emptyOutDir: true, modulePreload: { polyfill: false }, target: 'es2022' },
  test: { include: ['src/**/*.test.{ts,tsx}'], setupFiles: ['src/test-setup.ts'], restoreMocks: true },
});
