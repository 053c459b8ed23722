import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** Addresses within the app are relative to the page's `<base>`, which the server sets to where it is reached. */
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [react()],
  build: {
    target: 'es2022',
    modulePreload: false,
    // Nothing is inlined: the page's policy allows its own files only.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1000,
    emptyOutDir: true,
  },
})
