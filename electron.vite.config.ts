import { defineConfig } from 'electron-vite'

/**
 * One main build with three entries: Electron's, the pure Node entry of the command line, and the compaction worker;
 * Electron's start and preload script, and the page.
 * Target Node 20, the oldest that runs the program.
 */
export default defineConfig({
  main: {
    build: {
      target: 'node20.18',
      outDir: 'out/main',
      sourcemap: true,
      // Bundled, because many small files are slow to load; sql.js looks for its wasm beside itself.
      externalizeDeps: {
        exclude: ['commander', 'fastify', 'ipaddr.js', 'prom-client', 'undici', 'yaml', 'zod'],
      },
      rolldownOptions: {
        input: {
          electron: 'src-main/electron/main.ts',
          cli: 'src-main/cli/main.ts',
          'compaction-worker': 'src-main/storage/compaction-worker.ts',
        },
        output: {
          entryFileNames: '[name].js',
          chunkFileNames: 'chunks/[name]-[hash].js',
          format: 'es',
          // Names are kept: they stand in the log.
          minify: { mangle: false, compress: true, codegen: { removeWhitespace: true } },
        },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/electron',
      rolldownOptions: {
        input: { start: 'src-main/electron/start.ts', preload: 'src-main/electron/preload.ts' },
        // A sandboxed preload script can't be a module, and can't load another file; the start must not be one.
        output: { entryFileNames: '[name].cjs', format: 'cjs' },
      },
    },
  },
  renderer: {
    root: 'src-renderer',
    build: {
      outDir: 'out/renderer',
      minify: true,
      rolldownOptions: { input: 'src-renderer/index.html' },
    },
  },
})
