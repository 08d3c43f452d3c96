import type { Header } from '../../src-shared/model/header.ts'
import { CopyButton } from './copy.tsx'
import { visible } from './words.ts'

/** Header lines in their order, with case and duplicates, as inert text. */
export function HeadersTable({
  headers,
  label,
}: {
  readonly headers: readonly Header[]
  readonly label: string
}) {
  if (headers.length === 0) return <p className="quiet pad">No headers.</p>
  return (
    <table className="headers" aria-label={label}>
      <tbody>
        {headers.map(([name, value], index) => (
          <tr key={index}>
            <th scope="row">
              <bdi>{visible(name)}</bdi>
            </th>
            <td>
              <bdi>{visible(value)}</bdi>
            </td>
            <td className="headers-copy">
              <CopyButton text={value} label={`Copy ${visible(name)}`} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
