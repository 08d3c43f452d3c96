import type { Contact } from '../../../src-shared/model/contact.ts'
import type { ContactId, WorkspaceId } from '../../../src-shared/model/ids.ts'
import type { ContactFilter, Page, PageQuery } from '../../engine/store.ts'
import type { Execute } from '../journal-record.ts'
import type { Sqlite } from '../sqlite.ts'
import { toPage } from './page.ts'

export function putContact(run: Execute, contact: Contact): void {
  run(
    `INSERT INTO contacts (workspace_id, id, doc) VALUES (?, ?, ?)
     ON CONFLICT (workspace_id, id) DO UPDATE SET doc = excluded.doc`,
    [contact.workspace_uuid, contact._id, JSON.stringify(contact)],
  )
}

export function deleteContact(run: Execute, workspaceId: WorkspaceId, id: ContactId): void {
  run('DELETE FROM contacts WHERE workspace_id = ? AND id = ?', [workspaceId, id])
}

export function deleteContactsOf(run: Execute, workspaceId: WorkspaceId): void {
  run('DELETE FROM contacts WHERE workspace_id = ?', [workspaceId])
}

export function findContact(database: Sqlite, workspaceId: WorkspaceId, id: ContactId): Contact | undefined {
  const doc = database.value('SELECT doc FROM contacts WHERE workspace_id = ? AND id = ?', [workspaceId, id])
  return doc === null ? undefined : (JSON.parse(String(doc)) as Contact)
}

export function findContacts(database: Sqlite, filter: ContactFilter, page: PageQuery): Page<Contact> {
  const { workspaceId, containing } = filter
  const from = page.cursor ?? ''
  const rows =
    containing === undefined
      ? database.all(`SELECT id, doc FROM contacts WHERE workspace_id = ? AND id > ? ORDER BY id LIMIT ?`, [
          workspaceId,
          from,
          page.limit + 1,
        ])
      : database.all(
          `SELECT id, doc FROM contacts WHERE workspace_id = ? AND id > ? AND (id LIKE ? ESCAPE '\\' OR EXISTS (
             SELECT 1 FROM json_tree(doc, '$.attributes') WHERE atom LIKE ? ESCAPE '\\'))
           ORDER BY id LIMIT ?`,
          [workspaceId, from, likePart(containing), likePart(containing), page.limit + 1],
        )
  return toPage(
    rows,
    page,
    (row) => JSON.parse(String(row['doc'])) as Contact,
    (row) => String(row['id']),
  )
}

/** A pattern of LIKE for text that contains this. */
function likePart(text: string): string {
  return `%${text.replace(/[\\%_]/g, '\\$&')}%`
}
