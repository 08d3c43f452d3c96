import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
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

it('snippet says how the file is run that it wrote', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hookbench-snippet-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const write = (name: string, language: string) => {
    const file = join(folder, name)
    const run = hookbench(['snippet', '--provider', 'github', '--lang', language, '--output', file])
    return { ...run, stdout: run.stdout.replace(file, name), first: readFileSync(file, 'utf8').slice(0, 400) }
  }
  const hook = write('hook.py', 'python')
  expect(hook).toMatchObject({ code: 0, stdout: 'wrote hook.py; its first lines say how to run it\n' })
  expect(hook.first).toContain('WEBHOOK_SECRET=... python3 hook.py\n')
  const other = write('hook.txt', 'java')
  expect(other).toMatchObject({
    code: 0,
    stdout: 'wrote hook.txt; to run it, call it Receiver.java or the like; its first lines say how\n',
  })
  expect(other.first).toContain('WEBHOOK_SECRET=... java Receiver.java\n')
})

it('snippet writes to standard output for -', () => {
  const given = ['snippet', '--provider', 'github', '--lang', 'ruby']
  const { code, stdout } = hookbench([...given, '--output', '-'])
  expect({ code, stdout }).toEqual({ code: 0, stdout: hookbench(given).stdout })
  expect(stdout).toContain('WEBHOOK_SECRET=... ruby receiver.rb\n')
})

it('snippet knows the languages by their other names, and names the usual ones to who asks for another', () => {
  const languageOf = (name: string): unknown => {
    const { stdout } = hookbench(['snippet', '--provider', 'github', '--lang', name, '--json'])
    return (JSON.parse(stdout) as { language: string }).language
  }
  const names = ['JS', 'JavaScript', 'nodejs', 'py', 'Python3', 'rb', 'GoLang', 'C#', 'cs', 'PHP', 'Java']
  const usual = ['node', 'node', 'node', 'python', 'python', 'ruby', 'go', 'csharp', 'csharp', 'php', 'java']
  expect(names.map(languageOf)).toEqual(usual)
  expect(hookbench(['snippet', '--provider', 'github', '--lang', 'perl'])).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining('Wanted is node, python, php, ruby, go, java or csharp.') as string,
  })
})
