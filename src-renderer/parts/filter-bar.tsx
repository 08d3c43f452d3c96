import { Search, X } from 'lucide-react'
import { useEffect, useRef, useState, type ReactNode, type Ref } from 'react'
import { IconButton } from './button.tsx'

const typingMs = 250

/** A search field that waits for a pause in typing. */
export function SearchField({
  value,
  onChange,
  label,
  ref,
}: {
  readonly value: string
  readonly onChange: (value: string) => void
  readonly label: string
  readonly ref?: Ref<HTMLInputElement>
}) {
  const [text, setText] = useState(value)
  const told = useRef(value)
  useEffect(() => {
    // Changed elsewhere: by a link, or by going back.
    if (value !== told.current) {
      told.current = value
      setText(value)
    }
  }, [value])
  useEffect(() => {
    if (text === told.current) return
    const timer = setTimeout(() => {
      told.current = text
      onChange(text)
    }, typingMs)
    return () => clearTimeout(timer)
  }, [text, onChange])
  return (
    <div className="search">
      <Search size={14} aria-hidden="true" />
      <input
        ref={ref}
        className="input"
        type="text"
        role="searchbox"
        aria-label={label}
        placeholder={label}
        value={text}
        maxLength={200}
        spellCheck={false}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return
          setText('')
          event.currentTarget.blur()
        }}
      />
      {text !== '' && (
        <IconButton label="Clear the search" onClick={() => setText('')}>
          <X size={14} aria-hidden="true" />
        </IconButton>
      )}
    </div>
  )
}

export function FilterSelect({
  label,
  value,
  options,
  onChange,
}: {
  readonly label: string
  readonly value: string | undefined
  readonly options: readonly (readonly [value: string, label: string])[]
  readonly onChange: (value: string | undefined) => void
}) {
  const known = value === undefined || options.some(([each]) => each === value)
  return (
    <select
      className={`input filter ${value === undefined ? '' : 'on'}`}
      aria-label={label}
      value={value ?? ''}
      onChange={(event) => onChange(event.target.value === '' ? undefined : event.target.value)}
    >
      <option value="">{label}: all</option>
      {!known && <option value={value}>{value}</option>}
      {options.map(([each, name]) => (
        <option key={each} value={each}>
          {name}
        </option>
      ))}
    </select>
  )
}

export function ScreenHead({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  return (
    <header className="screen-head">
      <h1>{title}</h1>
      <div className="screen-actions">{children}</div>
    </header>
  )
}
