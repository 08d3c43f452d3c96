import { useEffect, useState } from 'react'
import type { BodyDifferenceView, CaptureView, DiagnosisView } from '../../../src-shared/model/capture.ts'
import { shownDifference } from '../../../src-shared/text/shown-difference.ts'
import { useServices } from '../../app/services.ts'
import { fromBase64 } from '../../parts/body-source.ts'
import { Notice } from '../../parts/notice.tsx'
import { bytes, visible } from '../../parts/words.ts'

/** The verdict on a capture; of one that was refused, what the doctor finds when it looks in full. */
export function Diagnosis({ capture }: { readonly capture: CaptureView }) {
  const { verdict } = capture
  const found = useDiagnosis(capture)
  const isRefused = verdict.status === 'rejected'
  const told = found?.status === verdict.status ? found : verdict
  const difference = found?.difference ?? null
  return (
    <>
      <Notice tone={isRefused ? 'warn' : 'plain'}>
        <strong>
          {told.status}
          {told.cause !== 'none' && <> · {told.cause}</>}
        </strong>{' '}
        {visible(told.message)}
      </Notice>
      {found !== null && found.status !== verdict.status && (
        <Notice>
          With what is known now it is {found.status}: {visible(found.message)}
        </Notice>
      )}
      {difference !== null && <Difference of={difference} />}
    </>
  )
}

/** Asked for again when the verdict has changed; null until it is there, and where nothing was refused. */
function useDiagnosis({ id, verdict: { status, message } }: CaptureView): DiagnosisView | null {
  const { call } = useServices()
  const [found, setFound] = useState<{ readonly of: string; readonly diagnosis: DiagnosisView } | null>(null)
  const of = `${id} ${message}`
  useEffect(() => {
    if (status !== 'rejected') return
    let isWanted = true
    call('captures.diagnosis', { id }).then(
      (diagnosis) => isWanted && setFound({ of, diagnosis }),
      // The verdict stands there all the same.
      () => undefined,
    )
    return () => {
      isWanted = false
    }
  }, [call, id, status, of])
  return found?.of === of ? found.diagnosis : null
}

function Difference({ of: difference }: { readonly of: BodyDifferenceView }) {
  const { offset, from, signed, arrived } = difference
  const sideOf = ({ bytes_base64: base64, total_bytes: total }: BodyDifferenceView['signed']) => ({
    bytes: fromBase64(base64),
    total,
  })
  const texts = shownDifference({ offset, from, signed: sideOf(signed), arrived: sideOf(arrived) })
  return (
    <table className="difference" aria-label={`They differ from byte ${offset} on`}>
      <tbody>
        {(['signed', 'arrived'] as const).map((side) => (
          <tr key={side}>
            <th scope="row">{side === 'signed' ? 'Signed' : 'Arrived'}</th>
            <td className="quiet">{bytes(difference[side].total_bytes)}</td>
            <td className="mono">
              <bdi>
                {visible(texts.same)}
                <mark>{visible(texts[side])}</mark>
              </bdi>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
