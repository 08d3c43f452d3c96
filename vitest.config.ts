import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/{unit,integration,contract}/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 20_000,
    maxWorkers: 2,
  },
})
