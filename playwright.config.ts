import { defineConfig } from '@playwright/test'
import { browserLaunch } from './test/support/browser.ts'

export default defineConfig({
  testDir: 'test/e2e',
  testMatch: '**/*.spec.ts',
  // Generous: a slow machine is not a failure, and what is fast is shown by the benchmarks.
  timeout: 90_000,
  expect: { timeout: 15_000 },
  workers: 1,
  forbidOnly: true,
  outputDir: 'test-results',
  use: {
    launchOptions: browserLaunch,
  },
})
