import { constants, existsSync } from 'node:fs'
import { access, readFile, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import type { Command } from 'commander'
import { dataFolder } from '../../data-folder.ts'
import { electronFolder } from '../../electron-binary.ts'
import { lockOwner } from '../../storage/folder-lock.ts'
import { describeFileError } from '../../storage/file-system.ts'
import { uiFolder, version } from '../../environment.ts'
import { exitCodes } from '../exit-codes.ts'
import { action } from '../run-command.ts'
import { runningInstance } from '../../running-instance.ts'

interface Check {
  readonly name: string
  readonly state: 'fine' | 'note' | 'wrong'
  readonly finding: string
  /** What to do about it. */
  readonly mend: string | null
}

const fine = (name: string, finding: string): Check => ({ name, state: 'fine', finding, mend: null })

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('check the installation and say what to mend')
    .action(
      action(async ({ options, output }) => {
        const folder = dataFolder(options.dataDir, process.env)
        const running = (await runningInstance(folder)) !== null
        const checks = [
          nodeCheck(),
          fine('hookbench', `version ${version}`),
          await folderCheck(folder),
          await modeCheck(folder),
          await ownerCheck(folder),
          await portCheck('API and UI', 4747, '--port', running),
          await portCheck('receiver', 4848, '--capture-port', running),
          uiCheck(),
          await electronCheck(),
          browserCheck(),
        ]
        const marks = {
          fine: output.colour.good('ok   '),
          note: output.colour.warn('note '),
          wrong: output.colour.bad('wrong'),
        }
        const lines = checks.flatMap(({ name, state, finding, mend }) => [
          `${marks[state]} ${name}: ${finding}`,
          ...(mend === null ? [] : [`      ${mend}`]),
        ])
        output.result(checks, lines)
        return checks.some(({ state }) => state === 'wrong') ? exitCodes.checkFailed : exitCodes.fine
      }),
    )
}

function nodeCheck(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const enough = major > 20 || (major === 20 && minor >= 18)
  if (enough) return fine('node', `version ${process.versions.node}`)
  return {
    name: 'node',
    state: 'wrong',
    finding: `version ${process.versions.node}`,
    mend: 'Install Node 20.18.1 or newer.',
  }
}

async function folderCheck(folder: string): Promise<Check> {
  const name = 'data folder'
  let existing = folder
  while (!existsSync(existing) && dirname(existing) !== existing) existing = dirname(existing)
  try {
    if (!(await stat(existing)).isDirectory()) throw Object.assign(new Error(), { code: 'ENOTDIR' })
    await access(existing, constants.W_OK)
    return fine(name, existing === folder ? folder : `${folder} (made at the first start)`)
  } catch (error) {
    return {
      name,
      state: 'wrong',
      finding: `${folder} can't be written: ${describeFileError(error)}`,
      mend: 'Choose another with --data-dir or HOOKBENCH_DATA_DIR.',
    }
  }
}

async function modeCheck(folder: string): Promise<Check> {
  const name = 'privacy'
  const found = await stat(join(folder, 'key')).catch(() => null)
  if (found === null || process.platform === 'win32') return fine(name, 'no key file yet')
  const mode = found.mode & 0o777
  if (mode === 0o600) return fine(name, 'the key file is readable by you alone')
  return {
    name,
    state: 'wrong',
    finding: `the key file has mode ${mode.toString(8)}`,
    mend: `chmod 600 ${join(folder, 'key')}`,
  }
}

async function ownerCheck(folder: string): Promise<Check> {
  const owner = await lockOwner(folder).catch(() => null)
  return fine(
    'running',
    owner === null
      ? 'nothing has the folder open'
      : `process ${owner.pid} (${owner.command}) has the folder open`,
  )
}

async function portCheck(name: string, port: number, option: string, running: boolean): Promise<Check> {
  const free = await new Promise<boolean>((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
  if (free) return fine(`port ${port}`, `free for the ${name}`)
  if (running) return fine(`port ${port}`, 'taken while Hookbench is running')
  return {
    name: `port ${port}`,
    state: 'note',
    finding: 'taken by another program',
    mend: `Start with ${option} 0, or another port, for the ${name}.`,
  }
}

function uiCheck(): Check {
  if (uiFolder() !== null) return fine('web UI', 'built')
  return { name: 'web UI', state: 'note', finding: 'not built', mend: 'npm run build' }
}

async function electronCheck(): Promise<Check> {
  const folder = electronFolder()
  const found = await readFile(join(folder, 'version'), 'utf8').catch(() => null)
  if (found !== null) return fine('electron', `${found.trim()} in ${folder}`)
  const mend =
    'It is fetched at the first start of the desktop app; without it `npm start` serves the UI to your browser.'
  return { name: 'electron', state: 'note', finding: 'no binary here', mend }
}

function browserCheck(): Check {
  const places = [
    '/usr/bin/chromium',
    '/usr/bin/google-chrome',
    '/usr/bin/firefox',
    '/Applications/Google Chrome.app',
    '/Applications/Safari.app',
  ]
  const found = places.find((place) => existsSync(place))
  if (found !== undefined || process.platform === 'win32')
    return fine('browser', found ?? 'the system has one')
  return {
    name: 'browser',
    state: 'note',
    finding: 'none found',
    mend: 'Any browser on this machine can open the UI; the command line works without.',
  }
}
