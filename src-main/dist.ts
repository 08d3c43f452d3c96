import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * `npm run dist -- --linux dir`, `--win`, `--mac`, …: builds, then packs with electron-builder, whose arguments these
 * are. Packs the Electron of ELECTRON_OVERRIDE_DIST_PATH if that is set; otherwise electron-builder fetches the one
 * that package.json names. Publishes nothing unless `--publish` says so.
 */

const root = join(import.meta.dirname, '..')

/** What an Electron for each platform can be told by, and the options that ask for it. */
const platforms = {
  linux: { binary: 'electron', options: ['--linux', '-l'] },
  win32: { binary: 'electron.exe', options: ['--win', '--windows', '-w'] },
  darwin: { binary: 'Electron.app', options: ['--mac', '--macos', '-m', '-o'] },
} as const
const platformNames = Object.keys(platforms) as (keyof typeof platforms)[]

function fail(message: string): never {
  process.stderr.write(`dist: ${message}\n`)
  process.exit(2)
}

/** The options that make electron-builder take the Electron of this folder. */
function optionsFor(folder: string, given: readonly string[]): string[] {
  const found = platformNames.find((name) => existsSync(join(folder, platforms[name].binary)))
  if (found === undefined)
    fail(`ELECTRON_OVERRIDE_DIST_PATH (${folder}) holds no Electron: there is no electron program in it.`)
  const asked = platformNames.filter((name) =>
    platforms[name].options.some((option) => given.includes(option)),
  )
  const wanted = asked.length === 0 ? platformNames.filter((name) => name === process.platform) : asked
  const other = wanted.find((name) => name !== found)
  if (other !== undefined)
    fail(`ELECTRON_OVERRIDE_DIST_PATH holds an Electron for ${found}; unset it to pack for ${other}.`)
  const file = join(folder, 'version')
  if (!existsSync(file)) fail(`${file} is missing: which version of Electron is it?`)
  const version = readFileSync(file, 'utf8').trim().replace(/^v/, '')
  return [`-c.electronDist=${folder}`, `-c.electronVersion=${version}`]
}

function run(script: string, given: readonly string[]): void {
  const { status, error } = spawnSync(process.execPath, [script, ...given], { cwd: root, stdio: 'inherit' })
  if (error !== undefined) fail(error.message)
  if (status !== 0) process.exit(status ?? 3)
}

const given = process.argv.slice(2)
const electron = process.env['ELECTRON_OVERRIDE_DIST_PATH']
const chosen = electron === undefined || electron === '' ? [] : optionsFor(electron, given)
const publishes = given.some((argument) => /^(--publish|-p)(=|$)/.test(argument))
run(join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js'), ['build', '--logLevel', 'error'])
run(fileURLToPath(import.meta.resolve('electron-builder/cli.js')), [
  ...given,
  ...chosen,
  ...(publishes ? [] : ['--publish', 'never']),
])
