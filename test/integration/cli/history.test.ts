import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CaptureSummary } from '../../../src-shared/model/capture.ts'
import type { DeliverySummary } from '../../../src-shared/model/delivery.ts'
import { hookbench } from '../../support/run-command-line.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hookbench-history-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function json<T>(given: readonly string[], input?: string): T {
  const run = hookbench([...given, '--json', '--data-dir', folder], input === undefined ? {} : { input })
  expect(run.code, run.stderr).toBe(0)
  return JSON.parse(run.stdout) as T
}

const captured = (): string[] =>
  json<{ items: CaptureSummary[] }>(['captures', 'ls']).items.map(({ target }) => target)

function capture(target: string, body: string): void {
  json(
    ['captures', 'import', '-'],
    `POST ${target} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  )
}

describe('the history on the command line', () => {
  it('is searched, removed by filter, and brought back', () => {
    capture('/in/one', 'the quick brown fox')
    capture('/in/two', 'the lazy dog')
    const { items } = json<{ items: CaptureSummary[] }>(['captures', 'ls', '--search', 'quick'])
    expect(items.map(({ target }) => target)).toEqual(['/in/one'])
    const { undo_token: token } = json<{ undo_token: string }>(['captures', 'rm', '--search', 'fox'])
    expect(captured()).toEqual(['/in/two'])
    const undone = hookbench(['undo', token, '--data-dir', folder])
    expect(undone.stdout.trim()).toBe('1 row brought back')
    expect(captured()).toEqual(['/in/two', '/in/one'])
    const late = hookbench(['undo', token, '--data-dir', folder])
    expect(late.code).toBe(2)
    expect(late.stderr).toContain('kept for a minute only')
  })

  it('is not emptied by a forgotten option', () => {
    capture('/in/one', 'x')
    for (const things of ['captures', 'deliveries']) {
      const run = hookbench([things, 'rm', '--data-dir', folder])
      expect(run.code).toBe(2)
      expect(run.stderr).toContain('--all')
    }
    expect(captured()).toEqual(['/in/one'])
    expect(json(['captures', 'rm', '--all'])).toMatchObject({ removed: 1 })
    expect(captured()).toEqual([])
  })

  it('cancels all that wait, and retries all that failed', () => {
    json(['trigger', 'contact.created'])
    json(['trigger', 'contact.updated'])
    expect(hookbench(['deliveries', 'cancel', '--data-dir', folder]).stderr).toContain('--all')
    expect(json(['deliveries', 'cancel', '--all'])).toEqual({ cancelled: 2, skipped: 0, refused: [] })
    expect(hookbench(['deliveries', 'retry', '--data-dir', folder]).code).toBe(2)
    const retried = hookbench(['deliveries', 'retry', '--status', 'failed', '--data-dir', folder])
    expect(retried.stdout).toContain('2 deliveries retried')
    expect(json<{ items: unknown[] }>(['deliveries', 'ls', '--status', 'pending']).items).toHaveLength(2)
    expect(json(['deliveries', 'send-now', '--status', 'retrying'])).toMatchObject({ sent: 0 })
  })

  it('gives a whole body, byte for byte', () => {
    const body = 'x'.repeat(200_000)
    capture('/in/large', body)
    const [made] = json<{ items: CaptureSummary[] }>(['captures', 'ls']).items
    const shown = hookbench(['captures', 'show', made?.id ?? '', '--body', '--data-dir', folder])
    expect(shown.stdout).toBe(body)
  })

  it('shows how far a replay has come, and cancels it', () => {
    capture('/in/one', 'x')
    const [made] = json<{ items: CaptureSummary[] }>(['captures', 'ls']).items
    const { id } = json<{ id: string }>(['replay', made?.id ?? '', '--to', 'http://127.0.0.1:9/hook'])
    const listed = hookbench(['replays', 'ls', '--data-dir', folder]).stdout
    expect(listed).toContain('0 of 1')
    expect(listed).toContain('http://127.0.0.1:9/hook')
    const filtered = json<{ items: DeliverySummary[] }>(['deliveries', 'ls', '--replay', id]).items
    expect(filtered).toMatchObject([{ status: 'pending', origin: 'replay' }])
    expect(json(['replays', 'cancel', id])).toMatchObject({ status: 'cancelled', cancelled: 1, waiting: 0 })
    expect(hookbench(['replays', 'show', id, '--data-dir', folder]).stdout).toContain('1 cancelled')
    expect(hookbench(['replays', 'cancel', id, '--data-dir', folder]).code).not.toBe(0)
  })
})
