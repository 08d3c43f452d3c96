import { spawnSync, type SpawnSyncReturns } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { fetchElectron } from '../../src-main/electron-binary.ts'

/**
 * `npm test`: check, build, unit and integration tests, browser tests, desktop tests. Installs a browser and Xvfb from
 * the system's packages where there is none and it may. Ends with one line of totals; a step that fails counts as one failure at least.
 */

const root = join(import.meta.dirname, '..', '..')
const reports = mkdtempSync(join(tmpdir(), 'hookbench-reports-'))
/** When everything must be done, far more than a slow machine needs: what hangs is ended then and counts as failed. */
const deadline = performance.now() + 35 * 60_000
const totals = { passed: 0, failed: 0, skipped: 0 }
/** What failed and why, told once more at the end: a long log is seldom read from its start. */
const failures: string[] = []

function failed(name: string, reasons: readonly string[] = []): void {
  totals.failed += 1
  failures.push(stripVTControlCharacters([name, ...reasons].join('\n')).replaceAll('\n', '\n    '))
}

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
  if (run('npm', ['run', '--silent', script]).status !== 0) failed(`npm run ${script}`)
}

interface VitestReport {
  readonly numPassedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    /** Why the file could not be run. */
    readonly message: string
    readonly assertionResults: readonly {
      readonly fullName: string
      readonly status: string
      readonly failureMessages: readonly string[] | null
    }[]
  }[]
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
  totals.skipped += (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0)
  const before = totals.failed
  for (const { name, message, status: outcome, assertionResults } of report?.testResults ?? []) {
    const tests = assertionResults.filter((test) => test.status === 'failed')
    const path = relative(root, name)
    for (const test of tests) failed(`${path}: ${test.fullName}`, test.failureMessages ?? [])
    // A file that can't be loaded has no test to count.
    if (outcome === 'failed' && tests.length === 0) failed(path, [message])
  }
  // Nor has an error outside of any test.
  if (status !== 0 && totals.failed === before) failed('vitest: see its output above')
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

/** Installs from the system's packages, where that may be. */
function install(...packages: readonly string[]): void {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return
  console.log(`Installing ${packages.join(' and ')} from the system’s packages …`)
  const quiet = { DEBIAN_FRONTEND: 'noninteractive' }
  run('apt-get', ['update', '-qq'], quiet)
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], quiet)
}

function installBrowser(): string | undefined {
  if (findBrowser() === undefined) install('chromium', 'fonts-liberation')
  return findBrowser()
}

/** Why the desktop tests can't run here, or null. */
function desktopObstacle(): string | null {
  if (fetchElectron() === null)
    return 'NO ELECTRON: it could not be fetched; ELECTRON_OVERRIDE_DIST_PATH can name a folder that has one.'
  const hasDisplay = (): boolean =>
    process.platform !== 'linux' || Boolean(process.env['DISPLAY']) || hasXvfb()
  if (!hasDisplay()) install('xvfb')
  return hasDisplay() ? null : 'NO DISPLAY: there is none, and no Xvfb to make one.'
}

function hasXvfb(): boolean {
  return (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(join(folder, 'Xvfb')))
}

interface PlaywrightReport {
  readonly stats: { readonly expected: number; readonly skipped: number }
  readonly suites: readonly PlaywrightSuite[]
}

interface PlaywrightSuite {
  readonly suites?: readonly PlaywrightSuite[]
  readonly specs: readonly {
    readonly title: string
    readonly file: string
    readonly tests: readonly {
      readonly status: string
      readonly results: readonly { readonly errors: readonly { readonly message?: string }[] }[]
    }[]
  }[]
}

function tellFailures({ suites = [], specs }: PlaywrightSuite): void {
  for (const { title, file, tests } of specs)
    for (const { status, results } of tests)
      if (status === 'unexpected' || status === 'flaky') {
        const messages = results.flatMap(({ errors }) => errors.map(({ message }) => message ?? ''))
        failed(`${file}: ${title}`, messages)
      }
  suites.forEach(tellFailures)
}

function skipped(message: string): void {
  console.log(`${message} These tests are skipped.`)
  totals.skipped += 1
}

function runBrowserTests(): void {
  console.log('\n== browser tests')
  const browser = installBrowser()
  if (browser === undefined) skipped('NO BROWSER: install chromium, or name one with HOOKBENCH_TEST_BROWSER.')
  else runPlaywright('browser', browser)
}

function runDesktopTests(): void {
  console.log('\n== desktop tests')
  const browser = findBrowser()
  const obstacle = browser === undefined ? 'NO BROWSER, beside which the app is tested.' : desktopObstacle()
  if (browser === undefined || obstacle !== null) skipped(obstacle ?? '')
  else runPlaywright('desktop', browser)
}

function runPlaywright(project: string, browser: string): void {
  const file = join(reports, `${project}.json`)
  const environment = { HOOKBENCH_TEST_BROWSER: browser, PLAYWRIGHT_JSON_OUTPUT_FILE: file }
  const { status } = run(
    'playwright',
    ['test', `--project=${project}`, `--output=test-results/${project}`, '--reporter=list,json'],
    environment,
  )
  const report = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as PlaywrightReport) : null
  totals.passed += report?.stats.expected ?? 0
  totals.skipped += report?.stats.skipped ?? 0
  const before = totals.failed
  report?.suites.forEach(tellFailures)
  if (status !== 0 && totals.failed === before)
    failed(`playwright --project=${project}: see its output above`)
}

npm('check')
npm('build')
runVitest()
runBrowserTests()
runDesktopTests()
rmSync(reports, { recursive: true, force: true })
if (failures.length > 0) console.log(`\n== failed\n${failures.map((text) => `- ${text}`).join('\n')}`)
console.log(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`)
process.exitCode = totals.failed === 0 && totals.passed > 0 ? 0 : 1
