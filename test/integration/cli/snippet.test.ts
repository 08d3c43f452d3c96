import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { freePort } from '../../support/free-port.ts'
import { hookbench, hookbenchAsync } from '../../support/run-command-line.ts'

it('snippet writes a receiver that takes what send signs, and refuses another secret', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hookbench-snippet-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'receiver.mjs')
  const written = hookbench(['snippet', '--provider', 'leadpush', '--lang', 'node', '--output', file])
  expect(written).toMatchObject({ code: 0, stdout: `wrote ${file}; its first lines say how to run it\n` })
  const port = await freePort()
  const receiver = spawn(process.execPath, [file], {
    env: { ...process.env, WEBHOOK_SECRET: 'the secret', PORT: String(port) },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void receiver.kill('SIGKILL'))
  await once(receiver.stdout, 'data')
  const send = async (secret: string) => {
    const to = ['--to', `http://127.0.0.1:${port}/hook`, '--provider', 'leadpush', '--expect', '2xx']
    const { code, stdout } = await hookbenchAsync(['send', 'contact.updated', ...to, '--json'], {
      HOOKBENCH_SECRET: secret,
    })
    return { code, status: (JSON.parse(stdout) as { response_status: number }).response_status }
  }
  expect(await send('the secret')).toEqual({ code: 0, status: 200 })
  expect(await send('another')).toEqual({ code: 1, status: 401 })
})

it('snippet prints the code alone, or with what belongs to it as JSON', () => {
  const given = ['snippet', '--provider', 'standard-webhooks', '--lang', 'python']
  const { code, stdout, stderr } = hookbench(given)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatch(/^"""Receives webhooks of Standard Webhooks/)
  expect(JSON.parse(hookbench([...given, '--json']).stdout)).toEqual({
    provider: 'standard-webhooks',
    language: 'python',
    file_name: 'receiver.py',
    run: 'WEBHOOK_SECRET=... python3 receiver.py',
    code: stdout,
  })
})
