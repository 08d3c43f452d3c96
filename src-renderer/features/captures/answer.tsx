import { useMemo } from 'react'
import type { CaptureView } from '../../../src-shared/model/capture.ts'
import { headerValue } from '../../../src-shared/model/header.ts'
import type { BodySource } from '../../parts/body-source.ts'
import { BodyView } from '../../parts/body-view.tsx'
import { HeadersTable } from '../../parts/headers-table.tsx'
import { Notice } from '../../parts/notice.tsx'
import { bytes } from '../../parts/words.ts'

/** What the sender was answered. */
export function Answer({ capture }: { readonly capture: CaptureView }) {
  const { status, sent, headers, body, body_bytes: whole } = capture.answered
  const source = useMemo<BodySource>(() => {
    const first = new TextEncoder().encode(body ?? '')
    return { key: capture.id, totalBytes: first.length, first, read: () => Promise.resolve(new Uint8Array()) }
  }, [capture.id, body])
  if (sent === undefined)
    return (
      <>
        <StatusLine status={status} />
        <p className="quiet pad">
          This capture was kept by an earlier version, without the rest of its answer.
        </p>
      </>
    )
  if (!sent)
    return (
      <p className="quiet pad">
        {capture.remote_address === 'import'
          ? 'This request was imported, so there was nobody to answer.'
          : 'Nothing was answered: the sender went away before the end of the request.'}
      </p>
    )
  const sentHeaders = headers ?? []
  return (
    <>
      <StatusLine status={status} />
      <HeadersTable headers={sentHeaders} label="Headers of the answer" />
      <p className="help pad">Date and the headers of the connection were added when it was sent.</p>
      {whole !== undefined && whole > source.totalBytes && (
        <Notice>
          The first {bytes(source.totalBytes)} of {bytes(whole)} are kept.
        </Notice>
      )}
      <BodyView key={source.key} source={source} mediaType={headerValue(sentHeaders, 'content-type')} />
    </>
  )
}

function StatusLine({ status }: { readonly status: number }) {
  return (
    <p className="request-line mono">
      <strong>{status}</strong>
    </p>
  )
}
