/** How tests and benchmarks start the browser: Debian's Chromium, unless another one is named. */
export const browserLaunch = {
  executablePath: process.env['HOOKBENCH_TEST_BROWSER'] ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--no-first-run',
  ],
}
