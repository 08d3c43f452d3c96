import { defineConfig } from '@playwright/test'
import type { FaceOption } from './test/e2e/fixture.ts'
import { browserLaunch } from './test/support/browser.ts'

export default defineConfig<FaceOption>({
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
  projects: [
    { name: 'browser', testIgnore: 'desktop/**' },
    // The same stories once more in the desktop app, where the page reaches the engine over IPC.
    {
      name: 'desktop',
      testMatch: ['desktop/*.spec.ts', 'stories.spec.ts', 'inert.spec.ts', 'bulk.spec.ts'],
      use: { face: 'desktop' },
    },
  ],
})
