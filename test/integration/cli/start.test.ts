import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { projectFolder } from '../../../src-main/environment.ts'

const script = join(projectFolder, 'src-main', 'start.ts')

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hookbench-start-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function environment(more: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...process.env, DISPLAY: '', WAYLAND_DISPLAY: '', HOOKBENCH_DATA_DIR: '', ...more }
}

/** What it says until it is ready to be used; it is ended then. */
async function served(more: NodeJS.ProcessEnv): Promise<{ said: string; status: number; code: unknown }> {
  const given = ['--data-dir', folder, '--port', '0', '--capture-port', '0', '--json']
  const child = spawn(process.execPath, [script, ...given], { env: environment(more) })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const ready = await new Promise<string>((resolve) => child.stdout.setEncoding('utf8').once('data', resolve))
  const { api } = JSON.parse(ready) as { api: string }
  const { status } = await fetch(api)
  child.kill('SIGTERM')
  const code = await new Promise((resolve) => child.once('exit', resolve))
  return { said, status, code }
}

describe('npm start', () => {
  it('says that there is no display, in one line, and serves the page instead', async () => {
    const { said, status, code } = await served({})
    expect(said.split('\n')[0]).toBe(
      "The desktop app can't be opened (there is no display); serving the UI on loopback instead.",
    )
    expect(status).toBe(200)
    expect(code).toBe(0)
  })

  it.runIf(process.platform === 'linux')('does the same where Electron can’t be had or used', async () => {
    const { said, status } = await served({ DISPLAY: ':99', ELECTRON_OVERRIDE_DIST_PATH: folder })
    expect(said).toMatch(/can't be opened \((no Electron binary|Chromium's sandbox doesn't run as root)/)
    expect(status).toBe(200)
  })
})

describe('npm run desktop', () => {
  it('says what is missing, and ends with 3', () => {
    const run = spawnSync(process.execPath, [script, 'desktop', '--no-sandbox'], {
      encoding: 'utf8',
      timeout: 30_000,
      killSignal: 'SIGKILL',
      env: environment({ DISPLAY: ':99', ELECTRON_OVERRIDE_DIST_PATH: folder }),
    })
    expect(run.stderr).toContain("The desktop app can't be opened (no Electron binary could be fetched).")
    expect(run.status).toBe(3)
  })
})
