import { chmod, cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openKeyFile } from '../../../src-main/storage/key-file-secret-box.ts'
import { lockFolder } from '../../../src-main/storage/folder-lock.ts'
import { nodeFileSystem } from '../../../src-main/storage/file-system.ts'
import { migrations } from '../../../src-main/storage/migrations/index.ts'
import type { Migration } from '../../../src-main/storage/migrations/migration.ts'
import { readSnapshot } from '../../../src-main/storage/snapshot.ts'
import { Sqlite } from '../../../src-main/storage/sqlite.ts'
import { FaultyFileSystem } from '../../support/faulty-file-system.ts'
import {
  accepted,
  bytesOf,
  captureId,
  contact,
  deliveryId,
  event,
  eventId,
  retrying,
  workspace,
} from './records.ts'
import { contentsOf, eventsIn, filesIn, modeOf, open, reopen, temporaryFolder } from './stores.ts'

const newest = migrations.at(-1)?.version ?? 0
const later: Migration = {
  version: newest + 1,
  statements: ['CREATE TABLE tags (name TEXT PRIMARY KEY) WITHOUT ROWID'],
}
const next: Migration = { version: newest + 2, statements: ['ALTER TABLE tags ADD COLUMN colour TEXT'] }
const broken: Migration = {
  version: newest + 2,
  statements: ['CREATE TABLE more (x)', 'ALTER TABLE no_such_table ADD COLUMN y'],
}

describe('the schema version', () => {
  it.each([false, true])(
    'fault 21: data of a newer version is refused untouched (in a snapshot: %s)',
    async (inSnapshot) => {
      const folder = await temporaryFolder()
      const store = await open(folder, { migrations: [...migrations, later] })
      await store.commit(accepted(1, bytesOf(1, 5000)))
      if (inSnapshot) await store.compact()
      await store.close()
      // A body without a row: opening would remove it.
      const [body = ''] = await filesIn(join(folder, 'bodies'))
      await writeFile(body.replace(/.{4}$/, '0000'), 'no row')
      const before = await contentsOf(folder)
      await expect(open(folder)).rejects.toMatchObject({
        code: 'data_newer',
        details: { found: newest + 1, known: newest },
      })
      expect(await contentsOf(folder)).toEqual(before)
      expect(await eventsIn(await open(folder, { migrations: [...migrations, later] }))).toEqual([1])
    },
  )

  it('fault 21: newer data with a torn tail is not mended by the older program', async () => {
    const folder = await temporaryFolder()
    const store = await open(folder, { migrations: [...migrations, later] })
    await store.commit(accepted(1))
    await store.close()
    await writeFile(join(folder, 'store', 'journal-00000001.log'), 'torn', { flag: 'a' })
    const before = await contentsOf(folder)
    await expect(open(folder)).rejects.toMatchObject({ code: 'data_newer' })
    expect(await contentsOf(folder)).toEqual(before)
  })

  it('is brought up to date in order, with a copy of what was before', async () => {
    const folder = await temporaryFolder()
    const store = await open(folder)
    await store.commit(accepted(1))
    const again = await reopen(store, folder, { migrations: [...migrations, later, next] })
    expect(await eventsIn(again)).toEqual([1])
    await again.close()
    const copy = await readFile(join(folder, 'store', 'aside', `before-migration-from-${newest}.db`))
    const database = await Sqlite.open(new Uint8Array(copy))
    expect(database.value('PRAGMA user_version')).toBe(newest)
    expect(database.value('SELECT count(*) FROM events')).toBe(1)
    database.close()
    await expect(open(folder)).rejects.toMatchObject({ code: 'data_newer', details: { found: newest + 2 } })
  })

  it('fault 22: a migration that fails is rolled back, with those before it; the old program still opens', async () => {
    const folder = await temporaryFolder()
    const store = await open(folder)
    await store.commit(accepted(1))
    await store.close()
    for (let round = 0; round < 2; round += 1) {
      await expect(open(folder, { migrations: [...migrations, later, broken] })).rejects.toMatchObject({
        code: 'migration_failed',
        details: { folder, version: newest + 2, reason: expect.stringContaining('no_such_table') },
      })
      expect(await readdir(join(folder, 'store', 'aside'))).toEqual([`before-migration-from-${newest}.db`])
    }
    const old = await open(folder)
    expect(old.damage).toEqual([])
    expect(await eventsIn(old)).toEqual([1])
    await old.commit(accepted(2))
    await old.close()
    // And the mended program takes it from there.
    expect(await eventsIn(await open(folder, { migrations: [...migrations, later, next] }))).toEqual([1, 2])
  })

  it('fault 22: a full disk during a migration leaves the data to the old program', async () => {
    const folder = await temporaryFolder()
    const store = await open(folder)
    await store.commit(accepted(1))
    await store.close()
    for (let at = 1; ; at += 1) {
      const files = new FaultyFileSystem({ at, code: 'ENOSPC', partial: true })
      const failed = await open(folder, { files, migrations: [...migrations, later] }).then(
        () => null,
        (error: unknown) => error,
      )
      if (failed === null) break
      expect(failed).toMatchObject({ code: 'data_folder_unusable', details: { reason: 'the disk is full' } })
      const old = await open(folder)
      expect(await eventsIn(old)).toEqual([1])
      await old.close()
    }
  })

  it('of every past version opens with everything in it', async () => {
    const folder = await temporaryFolder()
    await cp(new URL('../../fixtures/data-v1', import.meta.url), folder, { recursive: true })
    const store = await open(folder)
    expect(store.damage).toEqual([])
    expect(await eventsIn(store)).toEqual([21, 22])
    expect(store.workspaces.list()).toEqual([workspace(10)])
    const [someone] = (await store.contacts({ workspaceId: workspace(1).id }, { cursor: null, limit: 10 }))
      .items
    expect(someone).toEqual(contact('lead-1'))
    expect(await store.event(eventId(22))).toMatchObject({ payload: Buffer.from(bytesOf(22, 3000)) })
    expect(await store.delivery(deliveryId(21))).toEqual(retrying(21, 1_700_000_060_000))
    expect((await store.attempts(deliveryId(21))).map(({ number }) => number)).toEqual([1])
    expect((await store.capture(captureId(31)))?.body).toHaveLength(10)
    const [secret = ''] = Object.values(
      JSON.parse(await readFile(join(folder, 'sealed.json'), 'utf8')) as object,
    ) as string[]
    expect((await openKeyFile(folder, nodeFileSystem, undefined)).open(secret)).toBe('whsec_fixture')
    await store.commit([{ kind: 'event.insert', event: event(23) }])
    expect(await eventsIn(await reopen(store, folder))).toEqual([21, 22, 23])
  })
})

describe('a folder that can not be used', () => {
  it('fault 23: a file in the way is named', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'store'), 'not a folder')
    await expect(open(folder)).rejects.toMatchObject({
      code: 'data_folder_unusable',
      message: expect.stringContaining(folder),
    })
    await expect(open(join(folder, 'store', 'data'))).rejects.toMatchObject({
      code: 'data_folder_unusable',
      details: { reason: expect.stringMatching(/file/) },
    })
  })

  it.runIf(process.platform === 'linux')('fault 23: a folder that takes no files says so', async () => {
    await expect(open('/proc/self/hookbench')).rejects.toMatchObject({ code: 'data_folder_unusable' })
    await expect(lockFolder('/proc/self', 'test')).rejects.toMatchObject({ code: 'data_folder_unusable' })
    await expect(openKeyFile('/proc/self', nodeFileSystem, undefined)).rejects.toMatchObject({
      code: 'data_folder_unusable',
    })
  })

  it.skipIf(process.getuid?.() === 0)('fault 23: a read-only folder says so', async () => {
    const folder = await temporaryFolder()
    await chmod(folder, 0o500)
    await expect(open(folder)).rejects.toMatchObject({ details: { reason: 'no permission to write there' } })
  })

  it('fault 23: a disk that fails while opening says so', async () => {
    for (let at = 1; at <= 5; at += 1) {
      const files = new FaultyFileSystem({ at, code: 'EIO', lasting: true })
      await expect(open(await temporaryFolder(), { files })).rejects.toMatchObject({
        code: 'data_folder_unusable',
        details: { reason: 'the disk reported an error' },
      })
    }
  })

  it('a failing clean-up of bodies does not keep the folder from opening', async () => {
    const folder = await temporaryFolder()
    const store = await open(folder)
    await store.commit(accepted(1))
    await store.close()
    const name = 'ab'.repeat(32)
    await mkdir(join(folder, 'bodies', 'ab', name, 'x'), { recursive: true })
    expect(await eventsIn(await open(folder))).toEqual([1])
  })
})

describe('the key file', () => {
  it('abuse 39: modes of all files are 0600, of folders 0700', async () => {
    const parent = await temporaryFolder()
    const folder = join(parent, 'data')
    const store = await open(folder)
    await openKeyFile(folder, nodeFileSystem, undefined)
    const lock = await lockFolder(folder, 'test')
    await store.commit(accepted(1, bytesOf(1, 5000)))
    await store.compact()
    await store.commit(accepted(2))
    await store.close()
    const segment = join(folder, 'store', 'journal-00000002.log')
    await writeFile(segment, 'torn', { flag: 'a' })
    const again = await open(folder, { migrations: [...migrations, later] })
    expect(again.damage).toHaveLength(1)
    const entries = await readdir(folder, { recursive: true })
    const kinds = [
      'lock',
      'key',
      'store/journal-',
      'store/snapshot-',
      'store/aside/',
      'before-migration',
      'bodies/',
    ]
    expect(kinds.filter((kind) => !entries.some((entry) => entry.includes(kind)))).toEqual([])
    expect(await modeOf(folder)).toBe(0o700)
    for (const entry of entries) {
      const path = join(folder, entry)
      const wanted = (await stat(path)).isDirectory() ? 0o700 : 0o600
      expect({ entry, mode: await modeOf(path) }).toEqual({ entry, mode: wanted })
    }
    await lock.release()
  })

  it('keeps secrets over a restart, sealed differently each time', async () => {
    const folder = await temporaryFolder()
    const box = await openKeyFile(folder, nodeFileSystem, undefined)
    for (const secret of ['whsec_abc', '', 'žluťoučký 🚀', 'x'.repeat(10_000)]) {
      const sealed = box.seal(secret)
      expect(box.seal(secret)).not.toBe(sealed)
      expect(sealed).not.toContain(
        Buffer.from(secret || 'none')
          .toString('base64')
          .slice(0, 6),
      )
      expect((await openKeyFile(folder, nodeFileSystem, undefined)).open(sealed)).toBe(secret)
    }
  })

  it('fault 42: a lost key makes secrets unavailable, erases nothing, and new ones can be set', async () => {
    const folder = await temporaryFolder()
    const sealed = (await openKeyFile(folder, nodeFileSystem, undefined)).seal('old')
    const key = await readFile(join(folder, 'key'))
    await rm(join(folder, 'key'))
    const box = await openKeyFile(folder, nodeFileSystem, undefined)
    expect(() => box.open(sealed)).toThrow(expect.objectContaining({ code: 'secrets_unavailable' }))
    expect(box.open(box.seal('new'))).toBe('new')
    // The key put back opens it again.
    await writeFile(join(folder, 'key'), key)
    expect((await openKeyFile(folder, nodeFileSystem, undefined)).open(sealed)).toBe('old')
  })

  it('fault 42: a file that holds no key is named and left alone', async () => {
    const folder = await temporaryFolder()
    for (const text of ['', 'garbage', Buffer.alloc(16).toString('base64')]) {
      await writeFile(join(folder, 'key'), text)
      await expect(openKeyFile(folder, nodeFileSystem, undefined)).rejects.toMatchObject({
        code: 'secrets_unavailable',
        message: expect.stringContaining(join(folder, 'key')),
      })
      expect(await readFile(join(folder, 'key'), 'utf8')).toBe(text)
    }
  })

  it('fault 42: a full disk leaves no half key behind', async () => {
    const folder = await temporaryFolder()
    for (let at = 1; at <= 4; at += 1) {
      const files = new FaultyFileSystem({ at, code: 'ENOSPC', partial: true, lasting: true })
      await expect(openKeyFile(folder, files, undefined)).rejects.toMatchObject({
        code: 'data_folder_unusable',
      })
      const box = await openKeyFile(folder, nodeFileSystem, undefined)
      expect(box.open(box.seal('fine'))).toBe('fine')
      await rm(join(folder, 'key'))
    }
  })

  it('gives way to HOOKBENCH_KEY', async () => {
    const folder = await temporaryFolder()
    const key = Buffer.alloc(32, 9).toString('base64')
    const sealed = (await openKeyFile(folder, nodeFileSystem, key)).seal('secret')
    expect(await filesIn(folder)).toEqual([])
    expect((await openKeyFile(folder, nodeFileSystem, `${key}\n`)).open(sealed)).toBe('secret')
    const other = await openKeyFile(folder, nodeFileSystem, Buffer.alloc(32, 8).toString('base64'))
    expect(() => other.open(sealed)).toThrow(expect.objectContaining({ code: 'secrets_unavailable' }))
    await expect(openKeyFile(folder, nodeFileSystem, 'c2hvcnQ=')).rejects.toMatchObject({
      code: 'secrets_unavailable',
      message: expect.stringMatching(/^HOOKBENCH_KEY does not hold a key/),
    })
  })

  it('refuses a sealed secret that was changed, cut or is none', async () => {
    const box = await openKeyFile(await temporaryFolder(), nodeFileSystem, undefined)
    const sealed = box.seal('secret')
    const bytes = Buffer.from(sealed.slice(3), 'base64')
    const forged = [sealed.slice(3), '', 'v1:', `v2:${sealed.slice(3)}`]
    for (let position = 0; position < bytes.length; position += 1) {
      const changed = Buffer.from(bytes)
      changed[position] = (changed[position] ?? 0) ^ 1
      forged.push(`v1:${changed.toString('base64')}`, `v1:${bytes.subarray(0, position).toString('base64')}`)
    }
    for (const text of forged) {
      expect(() => box.open(text)).toThrow(expect.objectContaining({ code: 'secrets_unavailable' }))
    }
  })
})

describe('what can be read only', () => {
  it('a snapshot tells what is wrong with it', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'snapshot-00000002.db'), 'x'.repeat(100))
    expect(await readSnapshot(folder, 2)).toBe('it does not end as a snapshot does')
    await writeFile(join(folder, 'snapshot-00000002.db'), 'short')
    expect(await readSnapshot(folder, 2)).toBe('it is too short')
  })
})
