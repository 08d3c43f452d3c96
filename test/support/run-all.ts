import { spawnSync, type SpawnSyncReturns } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * `npm test`: check, build, unit and integration tests, browser tests. Installs a browser from the system's packages
 * where there is none and it may. Ends with one line of totals; a step that fails counts as one failure at least.
 */

const root = join(import.meta.dirname, '..', '..')
const reports = mkdtempSync(join(tmpdir(), 'hookbench-reports-'))
/** When everything must be done, far more than a slow machine needs: what hangs is ended then and counts as failed. */
const deadline = performance.now() + 35 * 60_000
const totals = { passed: 0, failed: 0, skipped: 0 }

function run(
  program: string,
  given: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): SpawnSyncReturns<Buffer> {
  const ran = spawnSync(program, given, {
    cwd: root,
    stdio: 'inherit',
    timeout: Math.max(1000, Math.ceil(deadline - performance.now())),
    killSignal: 'SIGKILL',
    env: { ...process.env, ...environment },
  })
  if (ran.error !== undefined) console.log(`${program} ${given.join(' ')}: ${ran.error.message}`)
  return ran
}

function npm(script: string): void {
  console.log(`\n== ${script}`)
  if (run('npm', ['run', '--silent', script]).status !== 0) totals.failed += 1
}

interface VitestReport {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly numFailedTestSuites: number
}

function runVitest(): void {
  console.log('\n== unit, integration and contract tests')
  const file = join(reports, 'vitest.json')
  const { status } = run('vitest', [
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
  ])
  const report = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as VitestReport) : null
  totals.passed += report?.numPassedTests ?? 0
  totals.failed += report?.numFailedTests ?? 0
  totals.skipped += (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0)
  // A file that can't be loaded and an error outside any test have no test to count.
  if (status !== 0 && (report?.numFailedTests ?? 0) === 0) totals.failed += 1
}

const browsers = [
  process.env['HOOKBENCH_TEST_BROWSER'],
  '/usr/bin/chromium',
  '/usr/bin/google-chrome',
  '/usr/bin/chromium-browser',
]

function findBrowser(): string | undefined {
  return browsers.find((path) => path !== undefined && existsSync(path))
}

function installBrowser(): string | undefined {
  const found = findBrowser()
  if (found !== undefined) return found
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return undefined
  console.log('Installing chromium from the system’s packages …')
  const quiet = { DEBIAN_FRONTEND: 'noninteractive' }
  run('apt-get', ['update', '-qq'], quiet)
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium', 'fonts-liberation'], quiet)
  return findBrowser()
}

interface PlaywrightReport {
  readonly stats: {
    readonly expected: number
    readonly unexpected: number
    readonly flaky: number
    readonly skipped: number
  }
}

function runBrowserTests(): void {
  console.log('\n== browser tests')
  const browser = installBrowser()
  if (browser === undefined) {
    console.log(
      'NO BROWSER: install chromium, or name one with HOOKBENCH_TEST_BROWSER. The browser tests are skipped.',
    )
    totals.skipped += 1
    return
  }
  const file = join(reports, 'playwright.json')
  const environment = { HOOKBENCH_TEST_BROWSER: browser, PLAYWRIGHT_JSON_OUTPUT_FILE: file }
  const { status } = run('playwright', ['test', '--reporter=list,json'], environment)
  const stats = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as PlaywrightReport).stats : null
  totals.passed += stats?.expected ?? 0
  totals.failed += (stats?.unexpected ?? 0) + (stats?.flaky ?? 0)
  totals.skipped += stats?.skipped ?? 0
  if (status !== 0 && (stats?.unexpected ?? 0) === 0) totals.failed += 1
}

npm('check')
npm('build')
runVitest()
runBrowserTests()
rmSync(reports, { recursive: true, force: true })
console.log(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`)
process.exitCode = totals.failed === 0 && totals.passed > 0 ? 0 : 1
