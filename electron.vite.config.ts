import { defineConfig } from 'electron-vite'

/**
 * One main build with three entries: Electron's, the pure Node entry of the command line, and the compaction worker.
 * Target Node 20, the oldest that runs the program.
 */
export default defineConfig({
  main: {
    build: {
      target: 'node20.18',
      outDir: 'out/main',
      sourcemap: true,
      rolldownOptions: {
        input: {
          electron: 'src-main/electron/main.ts',
          cli: 'src-main/cli/main.ts',
          'compaction-worker': 'src-main/storage/compaction-worker.ts',
        },
        output: { entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js', format: 'es' },
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
