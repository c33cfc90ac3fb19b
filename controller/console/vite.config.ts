import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [react()],
  build: {
    // The controller's Content-Security-Policy allows fonts and scripts from files alone: inline nothing.
    assetsInlineLimit: 0,
    // The whole console in one script of about 250 KB compressed: it is loaded once and cached for good.
    chunkSizeWarningLimit: 1200,
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8440' } },
});
