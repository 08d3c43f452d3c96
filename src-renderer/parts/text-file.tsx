import { useRef } from 'react'
import { Button } from './button.tsx'

/** A button that reads a text file of the user's choice. */
export function TextFileButton({
  label,
  accept,
  onText,
  children,
}: {
  /** Names the hidden file input. */
  readonly label: string
  readonly accept: string
  readonly onText: (text: string) => void
  readonly children: string
}) {
  const file = useRef<HTMLInputElement>(null)
  return (
    <>
      <Button onClick={() => file.current?.click()}>{children}</Button>
      <input
        ref={file}
        type="file"
        hidden
        aria-label={label}
        accept={accept}
        onChange={(event) => {
          const [chosen] = event.target.files ?? []
          if (chosen !== undefined) void chosen.text().then(onText)
          event.target.value = ''
        }}
      />
    </>
  )
}
