import type { Content } from '../../src-shared/api/operation.ts'

/** Hands a document to the browser's downloads. */
export function saveFile(content: Content, name: string): void {
  const url = URL.createObjectURL(new Blob([new Uint8Array(content.bytes)], { type: content.media_type }))
  const link = document.createElement('a')
  link.href = url
  link.download = content.file_name ?? name
  link.click()
  URL.revokeObjectURL(url)
}
